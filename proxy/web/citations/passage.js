// The passage behind a citation: beside the answer where there is room, as a sheet where there is not.

import { element, icon } from "../elements.js";
import { safeAddress } from "../markdown/links.js";
import { renderMarkdown } from "../markdown/render.js";
import { placeOf } from "./chips.js";
import { markQuote } from "./marking.js";

/** @typedef {import("../asking/client.js").Citation} Citation */

/**
 * @typedef {object} PassageOptions
 * @property {import("../strings.js").Strings} strings
 * @property {() => boolean} isNarrow whether it covers the rest, which then has to wait
 * @property {(address: string, event: MouseEvent) => void} [onVisit] a link to the page was clicked;
 *   a page of the book's own site can go there itself
 * @property {(isOpen: boolean) => void} [onToggle]
 * @property {(page: string) => void} [onAskAbout] the next question is to be about this page
 * @property {(address: string) => boolean} [canVisit] whether the reader's browser may open it
 */

const CLOSE = "M6 6l12 12M18 6L6 18";
const OUT = "M14 5h5v5M19 5l-8 8M17 14v4a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1h4";

export class PassageView {
  /** @type {HTMLElement | null} what was chosen, to go back to */
  #origin = null;
  #page = "";
  #isShown = false;

  /**
   * @param {HTMLElement} host where it is put
   * @param {PassageOptions} options
   */
  constructor(host, options) {
    const { strings } = options;
    this.options = options;
    this.number = element("span", { class: "chip", "aria-hidden": "true" });
    this.title = element("h2", { id: "passage-title", dir: "auto", tabindex: -1 });
    this.trail = element("p", { class: "passage-trail", dir: "auto" });
    this.doubt = element("p", { class: "notice passage-doubt", hidden: true });
    this.body = element("div", { class: "prose passage-text", tabindex: 0, role: "region",
      "aria-label": strings.passage });
    this.visit = element("a", { class: "button passage-visit", target: "_blank",
      rel: "noopener noreferrer" }, strings.openPage, icon(OUT));
    this.about = element("button", { type: "button", class: "quiet-button" }, strings.askAboutPage);
    this.about.addEventListener("click", () => {
      this.close();
      options.onAskAbout?.(this.#page);
    });
    const close = element("button", { type: "button", class: "icon-button",
      "aria-label": strings.closePassage }, icon(CLOSE));
    this.dialog = element("dialog", { class: "passage", "aria-labelledby": "passage-title" },
      element("header", {}, this.number, element("div", {}, this.trail, this.title), close),
      this.doubt, this.body, element("footer", {}, this.visit, this.about));
    close.addEventListener("click", () => this.close());
    this.dialog.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.preventDefault();
        this.close();
      }
    });
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.close();  // beside the sheet
    });
    this.dialog.addEventListener("close", () => this.#closed());
    this.visit.addEventListener("click", (event) => options.onVisit?.(this.visit.href, event));
    host.append(this.dialog);
  }

  get isOpen() {
    return this.dialog.open;
  }

  /**
   * @param {Citation} citation
   * @param {number} occurrence which of the places that cite it
   * @param {HTMLElement} origin has the focus again when it is closed
   */
  show(citation, occurrence, origin) {
    const { options } = this;
    const { strings, isNarrow } = options;
    this.#origin?.removeAttribute("aria-expanded");
    this.#origin = origin;
    origin.setAttribute("aria-expanded", "true");
    this.number.textContent = String(citation.index);
    const { name, above } = placeOf(citation.title);
    this.title.textContent = name;
    this.trail.textContent = above || citation.source;
    this.trail.title = citation.source;
    this.body.replaceChildren(
      renderMarkdown(citation.text, { strings, base: citation.page_url || undefined }));
    const doubts = citation.doubts?.[occurrence] ?? [];
    this.doubt.hidden = doubts.length === 0;
    this.doubt.textContent = strings.doubted(doubts.map((why) => strings.doubts[why]).join(", "));
    const quote = citation.quotes?.[occurrence];
    const mark = quote ? markQuote(this.body, quote) : null;
    const address = safeAddress(citation.links?.[occurrence] || citation.page_url || "");
    this.visit.hidden = !address || options.canVisit?.(address) === false;
    if (address) this.visit.href = address;
    this.#page = citation.page_url.split("#")[0];
    // A passage page of the proxy's own is no page of the book.
    this.about.hidden = !options.onAskAbout || !address || this.#page.includes("/v1/sources/");
    this.#isShown = true;
    if (!this.dialog.open) {
      if (isNarrow()) this.dialog.showModal();
      else this.dialog.show();
      options.onToggle?.(true);
    }
    this.title.focus({ preventScroll: true });
    this.body.scrollTop = 0;
    if (mark) this.body.scrollTop = mark.offsetTop - this.body.offsetTop - this.body.clientHeight / 3;
  }

  close() {
    this.dialog.close();
    this.#closed();  // its event comes later, when the reader may be elsewhere already
  }

  #closed() {
    if (!this.#isShown) return;
    this.#isShown = false;
    this.#origin?.removeAttribute("aria-expanded");
    if (this.#origin?.isConnected) this.#origin.focus({ preventScroll: true });
    this.#origin = null;
    this.options.onToggle?.(false);
  }
}
