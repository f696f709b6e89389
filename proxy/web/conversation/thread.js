// The turns of a conversation on the page. It follows the state, draws once a frame at most, and
// says aloud that an answer is there once it is all there.

import { element } from "../elements.js";
import { TurnView } from "./turn_view.js";

const SAID_FOR_MS = 8_000;

export class Thread {
  /** @type {Map<string, TurnView>} */
  views = new Map();
  /** @type {Set<TurnView>} */
  #growing = new Set();

  /**
   * @param {import("./state.js").ConversationState} state
   * @param {import("../strings.js").Strings} strings
   * @param {import("./turn_view.js").TurnActions} actions
   * @param {HTMLElement} scroller what the thread is scrolled in
   */
  constructor(state, strings, actions, scroller) {
    this.scroller = scroller;
    this.state = state;
    this.strings = strings;
    this.actions = actions;
    this.element = element("div", { class: "thread" });
    this.status = element("div", { class: "unseen", role: "status", "aria-live": "polite" });
    state.subscribe((change) => this.#follow(change));
  }

  /** @param {import("./state.js").Change} change */
  #follow(change) {
    if (change.kind === "turns") return this.#showTurns();
    const view = this.views.get(change.turn.key);
    if (!view || view.turn !== change.turn) return undefined;  // of a conversation left behind
    if (change.kind === "text") return this.#growSoon(view);
    this.#growing.delete(view);
    view.update();
    if (!this.state.isRunning && change.turn.status === "done") this.#sayIsThere(change.turn);
    return undefined;
  }

  #showTurns() {
    const before = this.views;
    this.views = new Map(this.state.turns.map((turn) => {
      const known = before.get(turn.key);
      return [turn.key, known?.turn === turn ? known : new TurnView(turn, this.strings, this.actions)];
    }));
    this.element.replaceChildren(...Array.from(this.views.values(), (view) => view.element));
    this.status.textContent = "";
    const last = this.state.turns.at(-1);
    const asked = last?.status === "waiting" ? this.views.get(last.key)?.element : null;
    if (asked) {
      const { scroller } = this;
      scroller.scrollTop += asked.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
    }
  }

  /** @param {TurnView} view */
  #growSoon(view) {
    if (!this.#growing.size) requestAnimationFrame(() => this.#grow());
    this.#growing.add(view);
  }

  #grow() {
    for (const view of this.#growing) view.grow();
    this.#growing.clear();
  }

  /** @param {import("./state.js").Turn} turn */
  #sayIsThere({ citations, key }) {
    const { strings } = this;
    const heard = citations.length ? strings.answeredWith({ n: citations.length }) : strings.answered;
    const text = spokenText(this.views.get(key)?.answer);
    this.status.replaceChildren(element("p", {}, heard), element("p", { dir: "auto" }, text));
    setTimeout(() => this.status.replaceChildren(), SAID_FOR_MS);
  }
}

/** @param {HTMLElement | undefined} answer its text, without markers and buttons */
function spokenText(answer) {
  const copy = /** @type {HTMLElement | undefined} */ (answer?.cloneNode(true));
  for (const silent of copy?.querySelectorAll("button") ?? []) silent.remove();
  return copy?.textContent ?? "";
}
