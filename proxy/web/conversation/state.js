// A conversation as the reader sees it: what was asked, what came of it, what goes on right now.
// Knows nothing of pages; whoever shows it listens.

import { Failure } from "../asking/failures.js";

/**
 * @typedef {import("../asking/client.js").Citation} Citation
 * @typedef {import("../asking/client.js").Question} Question
 * @typedef {Omit<Question, "message" | "conversationId" | "newConversation" | "replaces">} About
 *
 * @typedef {object} Turn
 * @property {string} key stays the same while the turn is shown
 * @property {string | null} questionId as the proxy knows it; null: it was not kept, or not yet
 * @property {string | null} answerId
 * @property {string} question
 * @property {About} about
 * @property {string} answer
 * @property {"waiting" | "writing" | "done" | "stopped" | "failed"} status
 * @property {"" | "grounded" | "no-match" | "off" | "degraded"} ragStatus
 * @property {Citation[]} citations
 * @property {import("../asking/client.js").Place[]} nearby
 * @property {string | null} model
 * @property {string | null} finishReason
 * @property {Failure | null} failure
 * @property {"positive" | "negative" | null} rating
 *
 * @typedef {{kind: "turns"} | {kind: "turn", turn: Turn} | {kind: "text", turn: Turn}} Change
 *   `turns`: there are others now; `text`: an answer grew
 */

const PAGE = 100;

export class ConversationState {
  /** @type {Turn[]} */
  turns = [];
  /** @type {string | null} */
  id = null;
  #name = newName();
  /** @type {AbortController | null} */
  #running = null;
  /** @type {Set<(change: Change) => void>} */
  #listeners = new Set();

  /** @param {Pick<import("../asking/client.js").Client, "ask" | "history" | "feedback">} client */
  constructor(client) {
    this.client = client;
  }

  get isRunning() {
    return this.#running !== null;
  }

  /**
   * @param {(change: Change) => void} listener
   * @returns {() => void} takes it away again
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Asks; returns when the answer has ended, however it did.
   * @param {string} question
   * @param {About} [about]
   */
  async ask(question, about = {}) {
    if (this.isRunning) return;
    await this.#answer(newTurn({ question, about }), this.turns, null);
  }

  /**
   * Asks a question again, in other words where `question` is given; what came after it is forgotten.
   * @param {string} key
   * @param {string} [question]
   */
  async askAgain(key, question) {
    const place = this.turns.findIndex((turn) => turn.key === key);
    if (this.isRunning || place < 0) return;
    const old = this.turns[place];
    const turn = newTurn({ key, question: question ?? old.question, about: old.about });
    await this.#answer(turn, this.turns.slice(0, place), old.questionId);
  }

  /** Ends the answer that is being written; what there is of it stays. */
  stop() {
    this.#running?.abort();
  }

  /** Leaves the conversation; the next question begins another. */
  reset() {
    this.stop();
    this.#running = null;
    this.id = null;
    this.#name = newName();
    this.turns = [];
    this.#tell({ kind: "turns" });
  }

  /**
   * Shows a conversation that was kept.
   * @param {string} id
   * @throws {Failure}
   */
  async load(id) {
    this.reset();
    /** @type {import("../asking/client.js").StoredMessage[]} */
    const messages = [];
    for (let page; !page || page.has_more; ) {
      page = await this.client.history(id, { limit: PAGE, after: messages.at(-1)?.id });
      messages.push(...page.messages);
      if (!page.messages.length) break;
    }
    this.id = id;
    this.turns = turnsOf(messages);
    this.#tell({ kind: "turns" });
  }

  /**
   * @param {string} key
   * @param {"positive" | "negative"} rating
   * @param {string} [comment]
   * @throws {Failure}
   */
  async rate(key, rating, comment) {
    const turn = this.turns.find((one) => one.key === key);
    if (!turn?.answerId || !this.id) return;
    await this.client.feedback(this.id, { rating, message_id: turn.answerId, comment });
    turn.rating = rating;
    this.#tell({ kind: "turn", turn });
  }

  /**
   * @param {Turn} turn
   * @param {Turn[]} before
   * @param {string | null} replaces
   */
  async #answer(turn, before, replaces) {
    const running = new AbortController();
    this.#running = running;
    this.turns = [...before, turn];
    this.#tell({ kind: "turns" });
    const question = {
      ...turn.about,
      message: turn.question,
      conversationId: this.id ?? undefined,
      newConversation: this.#name,
      replaces: (this.id && replaces) || undefined,
    };
    try {
      for await (const event of this.client.ask(question, running.signal)) {
        if (running.signal.aborted) break;
        this.#take(turn, event);
      }
      turn.status = running.signal.aborted ? "stopped" : "done";
    } catch (error) {
      if (running.signal.aborted) turn.status = "stopped";
      else if (error instanceof Failure) {
        turn.status = "failed";
        turn.failure = error;
        turn.questionId ??= replaces;
        if (error.kind === "gone") this.#begin(turn);
      } else throw error;
    } finally {
      if (this.#running === running) this.#running = null;
      this.#tell({ kind: "turn", turn });
    }
  }

  /**
   * @param {Turn} turn
   * @param {import("../asking/client.js").AnswerEvent} event
   */
  #take(turn, event) {
    switch (event.type) {
      case "start":
        this.id = event.conversationId;
        Object.assign(turn, { questionId: event.questionId, answerId: event.answerId,
          ragStatus: event.ragStatus, status: "writing" });
        return this.#tell({ kind: "turn", turn });
      case "delta":
        turn.answer += event.text;
        return this.#tell({ kind: "text", turn });
      case "citations":
        turn.citations = event.citations;
        return undefined;
      case "done":
        Object.assign(turn, { model: event.model, ragStatus: event.ragStatus,
          nearby: event.nearby, finishReason: event.finishReason });
        if (!event.saved) turn.questionId = turn.answerId = null;
        return undefined;
    }
  }

  /**
   * Goes on in a conversation of its own: the one before is not there any more.
   * @param {Turn} turn
   */
  #begin(turn) {
    this.id = turn.questionId = null;
    this.#name = newName();
  }

  /** @param {Change} change */
  #tell(change) {
    for (const listener of this.#listeners) listener(change);
  }
}

/**
 * Whether a rating was kept; one that was not can be given again.
 * @param {Promise<void>} rating
 */
export const wasKept = (rating) => rating.then(() => true, (error) => {
  if (!(error instanceof Failure)) throw error;
  return false;
});

// `randomUUID` is for https alone; a book's site may be without.
const newName = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (one) => one.toString(16).padStart(2, "0")).join("");

/** @param {Partial<Turn> & {question: string}} given */
const newTurn = (given) => /** @type {Turn} */ ({
  key: newName(), questionId: null, answerId: null, about: {}, answer: "",
  status: "waiting", ragStatus: "", citations: [], nearby: [], model: null, finishReason: null,
  failure: null, rating: null, ...given,
});

/** @param {import("../asking/client.js").StoredMessage[]} messages */
function turnsOf(messages) {
  /** @type {Turn[]} */
  const turns = [];
  for (const message of messages) {
    if (message.role === "user") {
      turns.push(newTurn({
        questionId: message.id,
        question: message.content,
        about: aboutOf(message),
        status: "stopped",  // until its answer is seen
      }));
    } else if (message.role === "assistant" && turns.length) {
      Object.assign(turns[turns.length - 1], answerOf(message));
    }
  }
  return turns;
}

/** @param {import("../asking/client.js").StoredMessage} message */
const aboutOf = ({ selected_text: selectedText, page_url: page, scope }) =>
  /** @type {About} */ ({
    ...(selectedText && { selectedText }), ...(page && { page }), ...(scope && { scope }),
  });

/**
 * @param {import("../asking/client.js").StoredMessage} message
 * @returns {Partial<Turn>}
 */
const answerOf = (message) => ({
  answerId: message.id,
  answer: message.content,
  citations: message.citations,
  nearby: message.nearby ?? [],
  model: message.model_used,
  ragStatus: /** @type {Turn["ragStatus"]} */ (
    message.rag_status ?? (message.grounded ? "grounded" : "")),
  status: message.status === "complete" ? "done" : message.status === "error" ? "failed" : "stopped",
  failure: message.status === "error" ? new Failure("cut_off") : null,
});
