// One turn as elements: the question, its answer as it grows, its sources, what can be done with it.

import { chip, chosenCitation, connectChips, placeOf } from "../citations/chips.js";
import { element, iconButton } from "../elements.js";
import { copyText } from "../markdown/render.js";
import { safeAddress } from "../markdown/links.js";
import { GrowingText } from "../markdown/stream.js";
import { commentForm } from "./comment_form.js";
import { failureNotice } from "./failure_notice.js";
import { questionForm } from "./question_form.js";

/**
 * @typedef {import("./state.js").Turn} Turn
 *
 * @typedef {object} TurnActions
 * @property {(turn: Turn) => void} retry
 * @property {(turn: Turn, question: string) => void} edit
 * @property {(turn: Turn, citation: import("../asking/client.js").Citation, occurrence: number,
 *   origin: HTMLElement, event: MouseEvent) => void} cite
 * @property {import("../citations/chips.js").HrefOf} [hrefOf]
 * @property {(turn: Turn, rating: "positive" | "negative", comment?: string) => Promise<boolean>} rate
 *   tells whether it was kept
 * @property {() => void} [signIn]
 * @property {() => boolean} isBusy whether an answer is being written
 */

const ICONS = {
  edit: "M4 20h4L19 9l-4-4L4 16zM13.5 6.5l4 4",
  again: "M20 11a8 8 0 1 0-2.3 6.3M20 5v6h-6",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  up: "M7 11v9H4v-9zM7 11l4-8a2.5 2.5 0 0 1 2.5 2.5V9H19a1.5 1.5 0 0 1 1.5 1.8l-1.4 7A2.5 2.5 0 0 1 16.6 20H7",
  down: "M17 13V4h3v9zM17 13l-4 8a2.5 2.5 0 0 1-2.5-2.5V15H5a1.5 1.5 0 0 1-1.5-1.8l1.4-7A2.5 2.5 0 0 1 7.4 4H17",
};

export class TurnView {
  /**
   * @param {Turn} turn
   * @param {import("../strings.js").Strings} strings
   * @param {TurnActions} actions
   */
  constructor(turn, strings, actions) {
    this.turn = turn;
    this.strings = strings;
    this.actions = actions;
    this.head = element("header", { class: "asked" });
    this.notice = element("div", { class: "notice-slot" });
    this.waiting = element("p", { class: "waiting" }, strings.searching);
    this.answer = element("div", { class: "prose answer", role: "group", "aria-label": strings.answer });
    this.foot = element("footer", {});
    this.element = element("article", { class: "turn", "aria-label": turn.question },
      this.head, element("div", { class: "answer-slot" }, this.waiting, this.notice, this.answer),
      this.foot);
    /** @type {HTMLElement | null} */
    this.comment = null;
    this.text = new GrowingText(this.answer, {
      strings,
      isCitation: () => this.turn.ragStatus === "grounded",
      renderCitation: (number) => chip(number, strings),
    });
    this.answer.addEventListener("click", (event) => this.#chosen(event));
    this.#showQuestion();
    this.update();
  }

  /** Shows more of the answer. */
  grow() {
    this.waiting.hidden = true;
    this.text.update(this.turn.answer, { isOpen: true });
  }

  /** Shows how the turn stands. */
  update() {
    const { turn, strings } = this;
    const isRunning = turn.status === "waiting" || turn.status === "writing";
    this.element.dataset.status = turn.status;
    this.answer.toggleAttribute("aria-busy", isRunning);
    if (isRunning) this.answer.setAttribute("aria-busy", "true");
    this.#showNotice();
    this.waiting.hidden = !isRunning || turn.answer !== "" || this.notice.childElementCount > 0;
    this.waiting.textContent = turn.status === "waiting" ? strings.searching : strings.writing;
    if (isRunning) return;
    this.text.update(turn.answer, { isOpen: false });
    connectChips(this.answer, turn.citations, strings, this.actions.hrefOf);
    this.#showFoot();
  }

  #showNotice() {
    const { ragStatus } = this.turn;
    const { strings } = this;
    const words = {
      "no-match": [strings.notInBook, strings.notInBookMore], degraded: [strings.notSearched],
      off: [strings.withoutBook], grounded: null, "": null,
    }[ragStatus];
    if (!words || this.notice.dataset.shows === ragStatus) return;
    this.notice.dataset.shows = ragStatus;
    const [title, more] = words;
    this.notice.replaceChildren(element("p", { class: "notice" },
      element("strong", {}, title), more && ` ${more}`));
  }

  #showQuestion() {
    const { turn, strings } = this;
    const edit = iconButton(strings.edit, ICONS.edit, () => this.#edit());
    this.head.replaceChildren(
      element("h2", { class: "question" },
        element("span", { class: "unseen" }, `${strings.youAsked}: `),
        element("span", { dir: "auto" }, turn.question)),
      edit);
    const { selectedText } = turn.about;
    if (selectedText) this.head.append(element("blockquote", { class: "selected", dir: "auto" }, selectedText));
    return edit;
  }

  #edit() {
    if (this.actions.isBusy()) return;
    const form = questionForm(this.turn.question, this.strings, {
      onAsk: (question) => this.actions.edit(this.turn, question),
      onCancel: () => this.#showQuestion().focus(),
    });
    this.head.replaceChildren(form);
    form.querySelector("textarea")?.focus();
  }

  /** @param {MouseEvent} event */
  #chosen(event) {
    const chosen = chosenCitation(event, this.answer);
    const citation = this.turn.citations.find(({ index }) => index === chosen?.number);
    if (chosen && citation) this.actions.cite(this.turn, citation, chosen.occurrence, chosen.chip, event);
  }

  #showFoot() {
    const { turn, strings, actions } = this;
    const again = () => actions.retry(turn);
    const nearby = turn.nearby.filter(({ title, page_url: url }) =>
      !turn.answer.includes(title) && !(url && turn.answer.includes(url)));
    this.foot.replaceChildren(...[
      nearby.length > 0 && this.#nearby(nearby),
      turn.citations.length > 0 && this.#sources(),
      turn.status === "stopped" && element("p", { class: "ended" }, strings.stopped, " ",
        element("button", { type: "button", class: "link-button", "data-action": "retry" }, strings.askAgain)),
      turn.finishReason === "length" && element("p", { class: "ended" }, strings.cutShort),
      turn.failure && failureNotice(turn.failure, strings, { retry: again, signIn: actions.signIn }),
      turn.status === "done" && this.#tools(again),
      turn.rating && this.#commentForm(turn.rating),
    ].filter((node) => node !== false && node !== null));
    this.foot.querySelector("[data-action=retry]")?.addEventListener("click", again);
  }

  /** @param {import("../asking/client.js").Place[]} nearby that the answer does not name itself */
  #nearby(nearby) {
    const places = nearby.map(({ title, page_url: url }) => {
      const href = safeAddress(url);
      const name = element("bdi", {}, title);
      return element("li", {}, href
        ? element("a", { href, target: "_blank", rel: "noopener noreferrer" }, name) : name);
    });
    return element("section", { class: "nearby" },
      element("h3", {}, this.strings.nearby), element("ul", {}, ...places));
  }

  #sources() {
    const { turn, strings, actions } = this;
    const items = turn.citations.map((citation) => {
      const { name } = placeOf(citation.title);
      const href = actions.hrefOf?.(citation, 0) ?? null;
      const source = element(href === null ? "button" : "a", { href, class: "source", title: citation.title,
        ...(href === null && { type: "button", "aria-haspopup": "dialog" }) },
        element("span", { class: "chip" }, String(citation.index)),
        element("span", { dir: "auto" }, name));
      source.addEventListener("click", (/** @type {Event} */ event) =>
        actions.cite(turn, citation, 0, source, /** @type {MouseEvent} */ (event)));
      return element("li", {}, source);
    });
    return element("section", { class: "sources", "aria-label": strings.sources },
      element("ul", {}, ...items));
  }

  /** @param {"positive" | "negative"} rating that may be explained */
  #commentForm(rating) {
    this.comment ??= commentForm(this.strings, (comment) =>
      this.actions.rate(this.turn, this.turn.rating ?? rating, comment));
    return this.comment;
  }

  /** @param {() => void} again */
  #tools(again) {
    const { turn, strings, actions } = this;
    const copy = element("button", { type: "button", class: "quiet-button" }, strings.copy);
    copy.addEventListener("click", () => copyText(turn.answer, copy, strings));
    const tools = element("div", { class: "tools" }, copy, iconButton(strings.askAgain, ICONS.again, again));
    if (turn.answerId) {
      for (const rating of /** @type {const} */ (["positive", "negative"])) {
        const isUp = rating === "positive";
        const button = iconButton(isUp ? strings.helpful : strings.notHelpful,
          isUp ? ICONS.up : ICONS.down, () => actions.rate(turn, rating));
        button.setAttribute("aria-pressed", String(turn.rating === rating));
        tools.append(button);
      }
    }
    if (turn.model) tools.append(element("span", { class: "model" }, turn.model));
    return tools;
  }
}
