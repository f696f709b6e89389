// What a question is answered from: book, model, and how much of the book.

import { element, icon } from "../elements.js";

/** @typedef {import("../asking/client.js").Config} Config */

const SLIDERS = "M4 7h9M17 7h3M4 17h3M11 17h9M13 7a2 2 0 1 0 4 0a2 2 0 1 0-4 0M7 17a2 2 0 1 0 4 0a2 2 0 1 0-4 0";
const SCOPES = /** @type {const} */ (["book", "chapter", "page", "section"]);

export class Settings {
  /**
   * @param {Config} config
   * @param {import("../strings.js").Strings} strings
   * @param {{book?: string | null, page?: string | null}} given by the address of this page
   * @param {() => void} onChange
   */
  constructor(config, strings, given, onChange) {
    this.config = config;
    this.strings = strings;
    this.book = select(strings.book, [
      ...(config.books.length === 1 ? [] : [["", strings.allBooks]]),
      ...config.books.map(({ id, title }) => [id, title || id]),
    ]);
    this.model = select(strings.model, config.models.map(({ id, label }) => [id, label]));
    this.scope = select(strings.scope, SCOPES.map((scope) => [scope, strings.scopes[scope]]));
    this.page = element("input", { type: "text", inputmode: "url", placeholder: strings.pagePlaceholder,
      "aria-label": strings.page, dir: "ltr", maxlength: 2048 });
    this.label = element("span", { class: "settings-label", dir: "auto" });
    this.button = element("button", { type: "button", class: "quiet-button settings-button",
      "aria-expanded": "false", "aria-controls": "settings" }, icon(SLIDERS), this.label);
    this.panel = element("div", { id: "settings", class: "settings", role: "group",
      "aria-label": strings.settings, hidden: true },
      labelled(strings.book, this.book), labelled(strings.model, this.model),
      labelled(strings.scope, this.scope), this.page);
    if (given.book && config.books.some(({ id }) => id === given.book)) this.book.value = given.book;
    if (given.page) this.setPage(given.page);
    this.button.addEventListener("click", () => this.#toggle(this.panel.hidden === true));
    this.panel.addEventListener("change", () => {
      this.#show();
      onChange();
    });
    this.panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#toggle(false);
      // Enter in the address would send the question.
      else if (event.key !== "Enter" || event.target !== this.page) return;
      event.preventDefault();
    });
    document.addEventListener("pointerdown", (event) => {
      const isInside = event.composedPath().some((one) => one === this.panel || one === this.button);
      if (!this.panel.hidden && !isInside) this.#toggle(false, { keepsFocus: false });
    });
    this.#show();
  }

  /** The title of the book that is asked; "" for several. */
  get bookTitle() {
    return this.book.value ? this.book.selectedOptions[0]?.textContent ?? "" : "";
  }

  /** @returns {import("../conversation/state.js").About} */
  get about() {
    const page = this.page.value.trim();
    const scope = /** @type {typeof SCOPES[number]} */ (this.scope.value);
    return {
      ...(this.book.value && this.config.books.length > 1 && { book: this.book.value }),
      ...(this.model.selectedIndex > 0 && { model: this.model.value }),
      ...(page && { page }),
      ...(page && scope !== "book" && { scope }),
    };
  }

  /**
   * Narrows what is asked to a page.
   * @param {string} page
   */
  setPage(page) {
    this.page.value = page;
    this.scope.value = "page";
    this.#show();
  }

  /**
   * @param {boolean} isOpen
   * @param {{keepsFocus?: boolean}} [options]
   */
  #toggle(isOpen, { keepsFocus = true } = {}) {
    this.panel.hidden = !isOpen;
    this.button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.book.focus();
    else if (keepsFocus) this.button.focus();
  }

  #show() {
    const { strings, config } = this;
    this.page.hidden = this.scope.value === "book";
    const about = [this.bookTitle || (config.books.length ? strings.allBooks : "")];
    if (this.scope.value !== "book") about.push(strings.scopes[/** @type {"page"} */ (this.scope.value)]);
    if (config.models.length > 1 || config.answers_offline) {
      about.push(this.model.selectedOptions[0]?.textContent ?? "");
    }
    const text = about.filter(Boolean).join(" · ");
    this.label.textContent = text;
    this.button.setAttribute("aria-label", `${strings.settings}: ${text}`);
    this.button.title = strings.settings;
  }
}

/**
 * @param {string} label
 * @param {string[][]} options value and text of each
 */
const select = (label, options) => element("select", { "aria-label": label },
  ...options.map(([value, text]) => element("option", { value }, text)));

/**
 * @param {string} text
 * @param {HTMLElement} control
 */
const labelled = (text, control) => element("label", {}, element("span", {}, text), control);
