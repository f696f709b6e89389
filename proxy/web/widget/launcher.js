// The widget: `<ask-the-book>`, a button on any page, and the panel it opens. It is served as one
// module (`proxy/api/linking.py`), and asks the proxy for nothing more until a reader reaches for it.

import { createClient } from "../asking/client.js";
import { element, icon } from "../elements.js";
import { loadStrings } from "../strings.js";
import { Memory, storageOf } from "./memory.js";
import { Panel, SHEETS } from "./panel.js";
import { SelectionBubble } from "./selection.js";
import { Site } from "./site.js";
import { styleSheets } from "./styles.js";

export const TAG = "ask-the-book";
const BOOK = "M12 6.2C10.4 5 8.2 4.5 4.5 4.5v13c3.7 0 5.9.5 7.5 1.7c1.6-1.2 3.8-1.7 7.5-1.7v-13c-3.7 0-5.9.5-7.5 1.7zM12 6.2v13";
const PROXY = new URL("../../..", import.meta.url).href.replace(/\/$/, "");

export class AskTheBook extends HTMLElement {
  /** @type {() => Panel} made when it is first wanted */
  #panel = () => { throw new Error("the widget is not on the page yet: wait for data-ready"); };
  /** @type {Site | null} */
  #site = null;
  #isMade = false;

  constructor() {
    super();
    const given = /** @type {{token?: AskTheBook["token"], signIn?: AskTheBook["signIn"]}} */ (
      /** @type {unknown} */ (this));
    /**
     * The reader's token, or what gives it, asked each time; may be set before this is loaded.
     * @type {string | (() => string | null | Promise<string | null>) | null}
     */
    this.token = given.token ?? null;
    /**
     * What a reader is led to who has to sign in; without it and without `sign-in-url` there is no
     * such button.
     * @type {(() => void) | null}
     */
    this.signIn = given.signIn ?? null;
    this.root = this.attachShadow({ mode: "open" });
  }

  connectedCallback() {
    if (this.#isMade) this.#site?.watch();
    else this.#make();
    this.#isMade = true;
  }

  disconnectedCallback() {
    this.#site?.unwatch();
  }

  async #make() {
    const site = this.#site = new Site(this);
    const [strings, sheets] = await Promise.all([
      loadStrings([site.language]),
      styleSheets(["tokens.css", "widget/widget.css", ...SHEETS]),
    ]);
    this.root.adoptedStyleSheets = sheets;
    const memory = new Memory(this.getAttribute("book") ?? "");
    const client = createClient({ base: PROXY, token: () => this.#token(), storage: storageOf("localStorage") });
    const label = this.getAttribute("label") || strings.title;
    const button = element("button", { type: "button", class: "launcher", "aria-haspopup": "dialog", "aria-label": label },
      icon(BOOK), element("span", {}, label));
    const place = element("div", { class: "place", lang: strings.language }, button);

    /** @type {Panel | null} */
    let panel = null;
    this.#panel = () => panel ??= new Panel({ place, site, strings, client, memory, host: this,
      onToggle: (isOpen) => { button.hidden = isOpen; }, onClosed: () => button.focus() });
    const bubble = new SelectionBubble(site, strings, (selected) => this.#panel().askAbout(selected));
    place.append(bubble.element);
    button.addEventListener("click", () => {
      const selected = site.selection();
      if (selected) this.#panel().askAbout(selected);
      else this.#panel().open();
    });
    for (const reached of ["pointerenter", "focus"]) button.addEventListener(reached, this.#panel, { once: true });

    site.follow(({ theme, direction }) => {
      this.dataset.theme = theme;
      place.dir = direction;
    });
    site.watch();
    this.root.append(place);
    if (memory.isOpen) this.#panel().reopen();
    this.dataset.ready = "true";
  }

  /**
   * Opens the panel; `text` alone is to answer the next question, where it is given.
   * @param {string} [text]
   */
  open(text) {
    const panel = this.#panel();
    if (text) panel.askAbout({ text, page: panel.page });
    else panel.open();
  }

  async #token() {
    const { token } = this;
    if (typeof token === "function") return token();
    const name = this.getAttribute("token-function");
    const given = /** @type {Record<string, any>} */ (/** @type {unknown} */ (window))[name ?? ""];
    if (name && typeof given === "function") return given();
    return token ?? this.getAttribute("token");
  }
}

/**
 * Registers the element, and puts one on the page for a script tag that asks for it.
 * @param {string} address of the script
 */
export function start(address) {
  if (!customElements.get(TAG)) customElements.define(TAG, AskTheBook);
  const script = Array.from(document.scripts).find((one) => one.src === address);
  if (!script || document.querySelector(TAG)) return;
  const made = document.createElement(TAG);
  for (const { name, value } of Array.from(script.attributes)) {
    if (name.startsWith("data-")) made.setAttribute(name.slice(5), value);
  }
  document.body.append(made);
}
