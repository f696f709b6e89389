// Speaks to the proxy as a reader: asks, and reads what was asked before. Everything else is told
// by what comes back. This folder alone knows URLs, headers and the form of answers.

import { eventsOf } from "./sse.js";
import { Failure, asFailure, failureInStream } from "./failures.js";
import { createRequest } from "./request.js";

/**
 * @typedef {object} Citation
 * @property {number} index the n of `[n]`
 * @property {string} text the passage, Markdown
 * @property {string} source the file it comes from
 * @property {string} page_url "": it is nowhere but on the page the reader has open
 * @property {string} title
 * @property {number[]} [ends] places behind its markers, in code points of the answer
 * @property {(string | null)[]} [quotes] for each marker the line that says it
 * @property {(string | null)[]} [links] for each marker the way to that line
 * @property {Doubt[][]} [doubts] for each marker why the passage does not support its sentence
 *
 * @typedef {"number" | "unit" | "name" | "negation" | "opposite" | "quote" | "words"} Doubt
 *
 * @typedef {object} Question
 * @property {string} message
 * @property {string} [conversationId] left out: `newConversation` begins one
 * @property {string} [newConversation] a name made up for it, the same when it is asked again
 * @property {string} [replaces] the id of the question that this one stands in for
 * @property {string} [selectedText] what alone may answer
 * @property {string} [page] URL or path of the page that is open
 * @property {"selection" | "section" | "page" | "chapter" | "book"} [scope]
 * @property {string} [book]
 * @property {string} [model]
 *
 * @typedef {{type: "start", conversationId: string, questionId: string, answerId: string,
 *     ragStatus: string}
 *   | {type: "delta", text: string}
 *   | {type: "citations", citations: Citation[]}
 *   | {type: "done", model: string, grounded: boolean, ragStatus: string, saved: boolean,
 *     finishReason: string | null, nearby: Place[]}} AnswerEvent
 *
 * @typedef {{title: string, page_url: string}} Place
 * @typedef {{conversation_id: string, title: string, created_at: string, updated_at: string}} ConversationEntry
 * @typedef {{id: string, role: "user" | "assistant", content: string, citations: Citation[],
 *   status: "complete" | "interrupted" | "error", model_used: string | null, created_at: string,
 *   grounded?: boolean, rag_status?: string, nearby?: Place[], selected_text?: string,
 *   page_url?: string, scope?: string}} StoredMessage
 * @typedef {{reader: {role: string, is_anonymous: boolean},
 *   books: {id: string, title: string, language: string, base_url: string | null}[],
 *   models: {id: string, label: string}[], answers_offline: boolean, greeting: string,
 *   prompts: string[], limits: {message_chars: number, selected_chars: number}}} Config
 */

/** @param {import("./request.js").ClientOptions} [options] */
export function createClient(options = {}) {
  const request = createRequest(options);

  return {
    /** @returns {Promise<Config>} */
    config: async () => (await request("/api/chat/config")).json(),

    /**
     * Asks, and yields the answer as it comes. Ends after `done`, or throws a `Failure`; an
     * `AbortError` where `signal` ended it.
     * @param {Question} question
     * @param {AbortSignal} [signal]
     * @returns {AsyncGenerator<AnswerEvent>}
     */
    async *ask(question, signal) {
      const body = bodyOf(question);
      const response = await request("/api/chat/stream", { method: "POST", body, signal });
      const requestId = response.headers.get("x-request-id");
      const ragStatus = response.headers.get("x-rag-status") ?? "";
      if (!response.body) throw new Failure("cut_off", { requestId });
      try {
        for await (const data of eventsOf(response.body)) {
          const event = JSON.parse(data);
          if (event.type === "error") throw failureInStream(event.error ?? {}, requestId);
          const read = answerEvent(event, ragStatus);
          if (read) yield read;
          if (event.type === "done") return;
        }
      } catch (error) {
        throw asFailure(error, "cut_off", requestId);
      }
      throw new Failure("cut_off", { requestId });
    },

    /**
     * @param {{after?: string, limit?: number}} [page]
     * @returns {Promise<{conversations: ConversationEntry[], has_more: boolean}>}
     */
    conversations: async (page = {}) =>
      (await request(`/api/chat/conversations${queryOf(page)}`)).json(),

    /**
     * @param {string} id
     * @param {{after?: string, limit?: number}} [page]
     * @returns {Promise<ConversationEntry & {messages: StoredMessage[], has_more: boolean}>}
     */
    history: async (id, page = {}) =>
      (await request(`/api/chat/history/${encodeURIComponent(id)}${queryOf(page)}`)).json(),

    /** @param {string} id */
    remove: async (id) => {
      await request(`/api/chat/${encodeURIComponent(id)}`, { method: "DELETE" });
    },

    /**
     * @param {string} id
     * @param {{rating: "positive" | "negative", message_id: string, comment?: string}} given
     */
    feedback: async (id, given) => {
      const path = `/api/chat/${encodeURIComponent(id)}/feedback`;
      await request(path, { method: "POST", body: given });
    },
  };
}

/** @typedef {ReturnType<typeof createClient>} Client */

/** @param {Question} question */
const bodyOf = (question) => ({
  message: question.message,
  conversation_id: question.conversationId,
  session_id: question.conversationId ? undefined : question.newConversation,
  replaces: question.replaces,
  selected_text: question.selectedText,
  page_context: question.page,
  scope: question.scope,
  book: question.book,
  model: question.model,
});

/**
 * @param {any} event as it came
 * @param {string} ragStatus
 * @returns {AnswerEvent | null}
 */
function answerEvent(event, ragStatus) {
  switch (event.type) {
    case "start": return {
      type: "start",
      conversationId: event.conversation_id,
      questionId: event.question_id,
      answerId: event.message_id,
      ragStatus,
    };
    case "delta": return { type: "delta", text: event.text };
    case "citations": return { type: "citations", citations: event.citations };
    case "done": return {
      type: "done",
      model: event.model_used,
      grounded: event.grounded,
      ragStatus: event.rag_status,
      saved: event.saved,
      finishReason: event.finish_reason,
      nearby: event.nearby ?? [],
    };
    default: return null;  // a newer proxy may say more
  }
}

/** @param {Record<string, string | number | undefined>} parameters */
function queryOf(parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  if (!given.length) return "";
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
