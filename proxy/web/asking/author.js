// Speaks to the proxy as an author: books, jobs, what readers ask, and how books are searched.

import { createRequest } from "./request.js";

/**
 * @typedef {{id: string, role: string, books: string[] | null}} Me
 * @typedef {{id: string, title: string, edition: string, base_url: string | null, documents: number,
 *   chunks: number, embedding_model: string, dimensions: number, created: number,
 *   previous_edition: string | null}} Book
 * @typedef {{path: string, reason: string}} FileNote
 * @typedef {{stage?: string, done?: number, total?: number, added?: number, updated?: number,
 *   unchanged?: number, deleted?: number, failed?: number, failures?: FileNote[],
 *   skipped?: FileNote[], warnings?: FileNote[], error?: {message: string}}} JobProgress
 * @typedef {{job_id: string, book: string, progress: JobProgress, created_at: string,
 *   updated_at: string, status: "queued" | "running" | "cancelling" | "completed" | "failed"
 *   | "cancelled"}} Job
 *
 * @typedef {"grounded" | "no-match" | "degraded" | "off"} Status
 * @typedef {Record<Status, number> & {day: string}} Day
 * @typedef {{question_log: "off" | "hashed" | "full", days: Day[]}} Summary
 * @typedef {{title: string, url: string | null}} Place
 * @typedef {{question: string, count: number, last_asked: string, wordings: string[],
 *   nearby: Place[]}} QuestionGroup
 * @typedef {Place & {book: string, given: number, cited: number, liked: number,
 *   disliked: number}} Section
 * @typedef {{at: string, rating: "positive" | "negative", comment: string | null, question: string,
 *   answer: string, citations: Place[]}} Rated
 *
 * @typedef {{chunk_id: string, score: number, by_meaning?: number | null,
 *   by_terms?: number | null}} Candidate
 * @typedef {{stage: string, scope: string, candidates: number, best: Candidate[]}} Stage
 * @typedef {Place & {chunk_id: string, book: string, text: string, score: number}} Passage
 * @typedef {{question: string, status: Status, reason: string | null, mode: string, top_k: number,
 *   passages: Passage[], nearby: Passage[], chunks: Record<string, Place & {book: string}>,
 *   explain: null | {floor?: number, is_match?: boolean, scopes?: string[], rerank?: string,
 *     embedding?: string, stages: Stage[], dropped: {chunk_id: string, reason: string}[],
 *     timings_ms: Record<string, number>}}} Trial
 *
 * @typedef {{day: string, caller: string, model: string, requests: number, prompt_tokens: number,
 *   completion_tokens: number}} Usage
 * @typedef {{rpm: number | null, tpm: number | null, tokens_per_day: number | null}} Limits
 * @typedef {Limits & {id: string, name: string, role: string, books: string | null, state: string,
 *   expires: string | null}} Key
 */

/** @param {import("./request.js").ClientOptions} [options] */
export function createAuthorClient(options = {}) {
  const request = createRequest(options);
  /** @param {string} path */
  const read = async (path) => (await request(path)).json();

  return {
    /** @returns {Promise<Me>} */
    me: () => read("/api/me"),

    /** @returns {Promise<Book[]>} */
    books: () => read("/api/content/books"),

    /**
     * Makes the edition before the one that is served; resolves to it.
     * @param {string} book
     * @returns {Promise<Book>}
     */
    rollback: async (book) => {
      const path = `/api/content/books/${encodeURIComponent(book)}/rollback`;
      return (await request(path, { method: "POST" })).json();
    },

    /** @returns {Promise<Job[]>} the newest first */
    jobs: () => read("/api/content/jobs"),

    /** @param {string} id */
    cancelJob: async (id) => {
      await request(`/api/content/jobs/${encodeURIComponent(id)}`, { method: "DELETE" });
    },

    /** @param {number} days @returns {Promise<Summary>} */
    summary: (days) => read(`/api/insights/summary?days=${days}`),

    /** @param {string} path one of `TABLES` @returns {Promise<any>} its rows */
    rows: (path) => read(path),

    /**
     * The same as a file.
     * @param {string} path one of `TABLES`
     * @param {"csv" | "json"} format
     * @returns {Promise<Blob>}
     */
    file: async (path, format) =>
      (await request(`${path}${path.includes("?") ? "&" : "?"}format=${format}`)).blob(),

    /**
     * @param {{question: string, mode?: string, rag: Record<string, unknown>}} trial
     * @returns {Promise<Trial>}
     */
    trial: async (trial) =>
      (await request("/api/insights/retrieval", { method: "POST", body: trial })).json(),

    /** @returns {Promise<{default: Limits, keys: Key[]}>} */
    keys: () => read("/api/keys"),
  };
}

/** @typedef {ReturnType<typeof createAuthorClient>} AuthorClient */

/** What can be had as rows and as a file. */
export const TABLES = {
  /** @param {number} days @param {string} status */
  questions: (days, status) => `/api/insights/questions?days=${days}&status=${status}`,
  /** @param {number} days */
  sections: (days) => `/api/insights/sections?days=${days}`,
  feedback: () => "/api/insights/feedback",
  /** @param {number} days */
  usage: (days) => `/api/usage?days=${days}`,
};
