// What the button opens: a conversation with the book beside the page, on a phone a sheet over it.

import { Failure } from "../asking/failures.js";
import { PassageView } from "../citations/passage.js";
import { Composer } from "../conversation/composer.js";
import { failureNotice } from "../conversation/failure_notice.js";
import { ConversationState, wasKept } from "../conversation/state.js";
import { Thread } from "../conversation/thread.js";
import { welcome } from "../conversation/welcome.js";
import { element, iconButton } from "../elements.js";
import { safeAddress } from "../markdown/links.js";
import { followUps, followUpsOf } from "./follow_ups.js";
import { keepFocusIn } from "./focus.js";
import { ScopeChoice } from "./scope_choice.js";

/**
 * @typedef {object} PanelOptions
 * @property {import("./launcher.js").AskTheBook} host
 * @property {HTMLElement} place where it is put
 * @property {import("./site.js").Site} site
 * @property {import("../strings.js").Strings} strings
 * @property {import("../asking/client.js").Client} client
 * @property {import("./memory.js").Memory} memory
 * @property {(isOpen: boolean) => void} onToggle
 * @property {() => void} onClosed the reader has closed it
 */

export const SHEETS = ["prose.css", "conversation/conversation.css", "citations/passage.css", "widget/panel.css"];
const NEW = "M12 5v14M5 12h14";
const CLOSE = "M6 6l12 12M18 6L6 18";
const NARROW = matchMedia("(max-width: 40rem)");
const TOUCH = matchMedia("(pointer: coarse)");

export class Panel {
  /** @type {import("../asking/client.js").Config | null} */
  #config = null;
  /** @type {import("./site.js").Selected | null} */
  #selected = null;

  /** @param {PanelOptions} options */
  constructor(options) {
    const { strings, client, place, site } = options;
    this.options = options;
    this.state = new ConversationState(client);
    this.title = element("h2", { id: "panel-title", dir: "auto" }, strings.title);
    const fresh = iconButton(strings.newConversation, NEW, () => this.#begin());
    const close = iconButton(strings.close, CLOSE, () => this.close());
    this.stage = element("div", { class: "stage", tabindex: -1 });
    this.dock = element("div", { class: "dock" });
    this.dialog = element("dialog", { class: "panel", "aria-labelledby": "panel-title", dir: strings.direction },
      element("header", {}, this.title, fresh, close), this.stage, this.dock);
    this.thread = new Thread(this.state, strings, {
      retry: (turn) => this.state.askAgain(turn.key),
      edit: (turn, question) => this.state.askAgain(turn.key, question),
      hrefOf: (citation, occurrence) => site.placeOf(addressOf(citation, occurrence))?.href ?? null,
      cite: (_turn, citation, occurrence, origin, event) => this.#cite(citation, occurrence, origin, event),
      rate: (turn, rating, comment) => wasKept(this.state.rate(turn.key, rating, comment)),
      signIn: this.#signIn(),
      isBusy: () => this.state.isRunning,
    }, this.stage);
    this.passage = new PassageView(this.dialog, { strings, isNarrow: () => false });
    this.more = element("div", { class: "more" });
    this.dialog.append(this.thread.status);
    this.stage.addEventListener("click", (event) => this.#followed(event));
    this.dialog.addEventListener("keydown", (event) => this.#pressed(event));
    this.dialog.addEventListener("cancel", (event) => {
      if (event.target !== this.dialog) return;
      event.preventDefault();
      this.close();
    });
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.close();  // beside the sheet
    });
    place.append(this.dialog);
    this.starting = this.#start();
  }

  get page() {
    return this.options.site.page;
  }

  /** Opens it for a reader who has asked for it. */
  open() {
    const { dialog, options } = this;
    if (!dialog.open) {
      if (NARROW.matches) dialog.showModal();
      else dialog.show();
      options.onToggle(true);
      options.memory.keep({ isOpen: true });
    }
    if (TOUCH.matches) this.stage.focus();
    else this.composer?.focus();
  }

  /** Has it stand where it stood on the page before; the focus stays where it is. */
  reopen() {
    if (NARROW.matches) return;  // a sheet would cover the page that was gone to
    this.dialog.setAttribute("open", "");
    this.options.onToggle(true);
  }

  close() {
    this.dialog.close();
    this.options.memory.keep({ isOpen: false });
    this.options.onToggle(false);
    this.options.onClosed();
  }

  /** @param {import("./site.js").Selected} selected alone answers the next question */
  async askAbout(selected) {
    this.open();
    await this.starting;
    const text = selected.text.slice(0, this.#config?.limits.selected_chars);
    this.#selected = { ...selected, text };
    this.composer?.setSelection(text);
    this.composer?.focus();
  }

  async #start() {
    const { client, memory, strings } = this.options;
    try {
      this.#config = await client.config();
      this.#compose(this.#config);
      if (memory.kept.conversation) await this.#load(memory.kept.conversation);
      else this.#show();
      this.state.subscribe((change) => this.#follow(change));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const retry = () => { this.starting = this.#start(); };
      this.stage.replaceChildren(failureNotice(error, strings, { retry, signIn: this.#signIn() }));
    }
  }

  /** @param {import("../asking/client.js").Config} config */
  #compose(config) {
    const { strings, memory, site } = this.options;
    const book = this.#book(config);
    this.title.textContent = book?.title || strings.title;
    this.composer = new Composer({
      strings,
      maxChars: config.limits.message_chars,
      onAsk: (question) => this.#ask(question),
      onStop: () => this.state.stop(),
      onSelectionDropped: () => { this.#selected = null; },
    });
    const { field, tools, element: form } = this.composer;
    this.scope = new ScopeChoice(strings, memory);
    tools.append(this.scope.element);
    site.follow(({ title }) => this.scope?.setPage(title));
    if (memory.kept.draft) this.composer.suggest(memory.kept.draft);
    field.addEventListener("input", () => memory.keep({ draft: field.value }));
    this.stage.replaceChildren(this.thread.element, this.more);
    this.dock.replaceChildren(form);
    if (this.dialog.open && this.dialog.matches(":focus-within") && !TOUCH.matches) this.composer.focus();
  }

  /** @param {string} id */
  async #load(id) {
    try {
      await this.state.load(id);
      this.stage.scrollTop = this.stage.scrollHeight;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.options.memory.keep({ conversation: null });  // gone, or another reader's
      this.state.reset();
    }
    this.#show();
  }

  /**
   * @param {string} question
   * @param {import("../conversation/state.js").About} [more]
   */
  async #ask(question, more) {
    if (this.state.isRunning) return;
    const selected = this.#selected;
    this.#selected = null;
    this.composer?.setSelection(null);
    if (TOUCH.matches) this.composer?.field.blur();
    else this.composer?.focus();
    this.options.memory.keep({ draft: "" });
    const book = this.options.host.getAttribute("book");
    await this.state.ask(question, {
      page: selected?.page ?? this.page,
      ...(book && { book }),
      ...(selected ? { selectedText: selected.text } : this.scope?.about),
      ...more,
    });
  }

  #begin() {
    this.state.reset();
    this.options.memory.keep({ conversation: null });
    this.composer?.focus();
  }

  /** @param {import("../conversation/state.js").Change} change */
  #follow(change) {
    this.composer?.setRunning(this.state.isRunning);
    if (change.kind !== "text") this.#show();
    if (this.state.id) this.options.memory.keep({ conversation: this.state.id });
  }

  /** Shows what there is to ask: at the beginning, and after an answer. */
  #show() {
    const { strings, host } = this.options;
    const { turns } = this.state;
    const config = /** @type {import("../asking/client.js").Config} */ (this.#config);
    this.dialog.classList.toggle("is-empty", turns.length === 0);
    const questions = this.state.isRunning ? [] : followUpsOf(turns, strings);
    this.more.replaceChildren();
    if (questions.length) this.more.append(followUps(questions, strings, (question) => this.#ask(question)));
    if (turns.length) return;
    const starters = startersOf(host) ?? config.prompts;
    const about = element("button", { type: "button", class: "starter" }, strings.aboutThisPage);
    about.addEventListener("click", () => this.#ask(strings.aboutThisPage, { scope: "page" }));
    const made = welcome({ ...config, prompts: starters }, strings, this.#book(config)?.title ?? "",
      (question) => this.#ask(question));
    made.querySelector(".starters")?.append(element("li", {}, about));
    this.thread.element.replaceChildren(made);
  }

  /**
   * @param {import("../asking/client.js").Citation} citation
   * @param {number} occurrence
   * @param {HTMLElement} origin
   * @param {MouseEvent} event
   */
  #cite(citation, occurrence, origin, event) {
    const url = this.options.site.placeOf(addressOf(citation, occurrence));
    if (url) return this.#visit(url, event);
    return this.passage.show(citation, occurrence, origin);
  }

  /**
   * A link in a text that leads to this site stays in it, in this tab.
   * @param {MouseEvent} event
   */
  #followed(event) {
    const link = event.target instanceof Element ? event.target.closest("a[target]") : null;
    const url = link instanceof HTMLAnchorElement ? this.options.site.placeOf(link.href) : null;
    if (!link || !url) return;
    link.removeAttribute("target");
    this.#visit(url, event);
  }

  /**
   * Leads to a place on this site: the site goes there itself, or the link does.
   * @param {URL} url
   * @param {MouseEvent} event
   */
  #visit(url, event) {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;  // another tab
    if (NARROW.matches) this.close();
    const going = new CustomEvent("book-navigate", { bubbles: true, composed: true, cancelable: true,
      detail: { url } });
    if (!this.options.host.dispatchEvent(going)) event.preventDefault();
  }

  /** @param {import("../asking/client.js").Config} config */
  #book({ books }) {
    const id = this.options.host.getAttribute("book");
    return books.length === 1 ? books[0] : books.find((one) => one.id === id);
  }

  #signIn() {
    const { host } = this.options;
    const address = safeAddress(host.getAttribute("sign-in-url") ?? "", location.href);
    if (!host.signIn && !host.hasAttribute("sign-in-url")) return undefined;
    return () => host.signIn ? host.signIn() : address && location.assign(address);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.defaultPrevented) return;
    if (event.key === "Escape") {
      event.preventDefault();
      this.close();
    } else keepFocusIn(this.dialog, event);
  }
}

/**
 * @param {import("../asking/client.js").Citation} citation
 * @param {number} occurrence
 */
const addressOf = (citation, occurrence) => citation.links?.[occurrence] || citation.page_url || "";

/**
 * The questions to begin with that the site has for its readers, a line each.
 * @param {HTMLElement} host
 */
function startersOf(host) {
  const lines = host.getAttribute("starters")?.split(/\n|\|/).map((line) => line.trim()).filter(Boolean);
  return lines?.length ? lines : null;
}
