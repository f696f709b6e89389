// Where a question is written: a field that grows, what it is about, and a button to ask or stop.

import { element, icon } from "../elements.js";
import { isSending } from "./question_form.js";

/**
 * @typedef {object} ComposerOptions
 * @property {import("../strings.js").Strings} strings
 * @property {number} maxChars
 * @property {(question: string) => void} onAsk
 * @property {() => void} onStop
 * @property {() => void} [onSelectionDropped]
 */

const SEND = "M12 19V5M5.5 11.5L12 5l6.5 6.5";
const STOP = "M7.5 7.5h9v9h-9z";
const DROP = "M7 7l10 10M17 7L7 17";
const WARNED_FROM = 0.9;

export class Composer {
  /** @param {ComposerOptions} options */
  constructor(options) {
    const { strings } = options;
    this.options = options;
    this.isRunning = false;
    this.field = element("textarea", { id: "question", rows: 1, "aria-label": strings.question,
      placeholder: strings.placeholder, autocomplete: "off", enterkeyhint: "send" });
    this.button = element("button", { type: "submit", class: "send", "aria-label": strings.ask });
    this.count = element("p", { class: "count", role: "status", hidden: true });
    this.selection = element("div", { class: "selection", hidden: true });
    this.tools = element("div", { class: "composer-tools" });
    this.element = element("form", { class: "composer" },
      this.selection, this.field,
      element("div", { class: "composer-foot" }, this.tools, this.count, this.button));
    this.field.addEventListener("input", () => this.#counted());
    this.field.addEventListener("keydown", (event) => this.#typed(event));
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.isRunning) options.onStop();
      else this.#ask();
    });
    this.setRunning(false);
  }

  focus() {
    this.field.focus({ preventScroll: true });
  }

  /** @param {string} text put into the field, to be changed or asked */
  suggest(text) {
    this.field.value = text;
    this.#counted();
    this.focus();
  }

  /** @param {boolean} isRunning */
  setRunning(isRunning) {
    const { strings } = this.options;
    this.isRunning = isRunning;
    this.button.setAttribute("aria-label", isRunning ? strings.stop : strings.ask);
    this.button.title = isRunning ? strings.stop : strings.ask;
    this.button.replaceChildren(icon(isRunning ? STOP : SEND));
    this.#counted();
  }

  /** @param {string | null} text what the question is about, null: nothing in particular */
  setSelection(text) {
    const { strings, onSelectionDropped } = this.options;
    this.selection.hidden = !text;
    if (!text) return;
    const drop = element("button", { type: "button", class: "icon-button",
      "aria-label": strings.withoutSelection, title: strings.withoutSelection }, icon(DROP));
    drop.addEventListener("click", () => {
      this.setSelection(null);
      onSelectionDropped?.();
      this.focus();
    });
    this.selection.replaceChildren(
      element("p", {}, element("strong", {}, strings.selected), " ", element("span", { dir: "auto" }, text)), drop);
  }

  #ask() {
    const question = this.field.value.trim();
    if (!question || this.#over() > 0) return;
    this.field.value = "";
    this.#counted();
    this.options.onAsk(question);
  }

  /** @param {KeyboardEvent} event */
  #typed(event) {
    if (event.key === "Escape" && this.isRunning) this.options.onStop();
    else if (isSending(event)) {
      if (!this.isRunning) this.#ask();
    } else return;
    event.preventDefault();
  }

  #over() {
    return Array.from(this.field.value.trim()).length - this.options.maxChars;
  }

  #counted() {
    const { strings, maxChars } = this.options;
    const over = this.field.value.length < maxChars * WARNED_FROM ? -maxChars : this.#over();
    // An empty field reads as the page does, a question as it is written.
    if (this.field.value) this.field.dir = "auto";
    else this.field.removeAttribute("dir");
    this.count.hidden = over < -maxChars * (1 - WARNED_FROM);
    this.count.classList.toggle("is-over", over > 0);
    if (!this.count.hidden) {
      this.count.textContent = over > 0 ? strings.tooLong({ n: over }) : strings.charactersLeft({ n: -over });
    }
    this.button.disabled = !this.isRunning && (!this.field.value.trim() || over > 0);
  }
}
