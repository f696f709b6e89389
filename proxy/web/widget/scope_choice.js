// How much of the book answers the next question: all of it, the open page first, or this page alone.

import { element } from "../elements.js";

const SCOPES = /** @type {const} */ (["book", "page"]);

export class ScopeChoice {
  /**
   * @param {import("../strings.js").Strings} strings
   * @param {import("./memory.js").Memory} memory
   */
  constructor(strings, memory) {
    this.inputs = SCOPES.map((value) => element("input", { type: "radio", name: "scope", value,
      checked: value === (memory.kept.scope ?? "book") }));
    this.labels = this.inputs.map((input, i) =>
      element("label", {}, input, element("span", {}, strings.scopes[SCOPES[i]])));
    this.element = element("fieldset", { class: "scope" },
      element("legend", { class: "unseen" }, strings.scope), ...this.labels);
    this.element.addEventListener("change", () => memory.keep({ scope: this.#chosen }));
  }

  /** @param {string} title of the page that is open now */
  setPage(title) {
    this.labels[1].title = title;
  }

  /** @returns {import("../conversation/state.js").About} */
  get about() {
    return this.#chosen === "page" ? { scope: "page" } : {};
  }

  get #chosen() {
    return SCOPES[Math.max(0, this.inputs.findIndex(({ checked }) => checked))];
  }
}
