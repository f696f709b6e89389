// The site around the widget: which page is open, what is selected on it, how it looks and reads.

/**
 * @typedef {{theme: "light" | "dark", direction: "ltr" | "rtl", title: string}} Look
 * @typedef {{text: string, page: string}} Selected
 */

const LEAST_SELECTED = 3;
const DARK = matchMedia("(prefers-color-scheme: dark)");
const THEMES = ["data-theme", "data-bs-theme", "data-color-mode", "class"];

export class Site {
  /** @type {((look: Look) => void)[]} */
  #followers = [];
  #watching = new AbortController();
  #observer = new MutationObserver(() => this.#tell());

  /** @param {HTMLElement} host whose attributes say what the site wants */
  constructor(host) {
    this.host = host;
  }

  /** The language the page is written in. */
  get language() {
    return this.host.getAttribute("lang") || document.documentElement.lang || navigator.language;
  }

  /** The address of the open page, as the book knows it. */
  get page() {
    const here = new URL(this.host.getAttribute("page") ?? location.href, location.href);
    here.search = "";
    const published = this.#published;
    return published && here.origin === location.origin
      ? published.origin + here.pathname + here.hash : here.href;
  }

  /**
   * Where an address of the book is on this site; null where it is another site's.
   * @param {string} address
   * @returns {URL | null}
   */
  placeOf(address) {
    if (!URL.canParse(address)) return null;
    const url = new URL(address);
    if (url.origin === this.#published?.origin) return new URL(url.pathname + url.search + url.hash, location.origin);
    return url.origin === location.origin ? url : null;
  }

  /** What the reader has selected on the page. @returns {Selected | null} */
  selection() {
    const selection = getSelection();
    const text = selection?.toString().trim() ?? "";
    const anchor = selection?.anchorNode;
    if (!selection || selection.isCollapsed || text.length < LEAST_SELECTED || !anchor) return null;
    const within = anchor instanceof Element ? anchor : anchor.parentElement;
    if (!within || within === this.host || within.closest("input, textarea, [contenteditable]")) return null;
    return { text, page: this.page };
  }

  /** @param {(look: Look) => void} follower hears of every change, and of how it is now */
  follow(follower) {
    this.#followers.push(follower);
    follower(this.#look());
  }

  watch() {
    const { signal } = this.#watching = new AbortController();
    const { documentElement: root } = document;
    this.#observer.observe(root, { attributeFilter: [...THEMES, "dir"] });
    this.#observer.observe(document.head, { childList: true, subtree: true, characterData: true });
    this.#observer.observe(this.host, { attributeFilter: ["theme", "page"] });
    DARK.addEventListener("change", () => this.#tell(), { signal });
    addEventListener("popstate", () => this.#tell(), { signal });
    this.#tell();
  }

  unwatch() {
    this.#observer.disconnect();
    this.#watching.abort();
  }

  /** The address that the book's citations have, where the site is shown at another. */
  get #published() {
    const given = this.host.getAttribute("site-url");
    return given && URL.canParse(given) ? new URL(given) : null;
  }

  #tell() {
    const look = this.#look();
    for (const follower of this.#followers) follower(look);
  }

  /** @returns {Look} */
  #look() {
    return {
      theme: this.#theme(),
      direction: getComputedStyle(document.documentElement).direction === "rtl" ? "rtl" : "ltr",
      title: document.title,
    };
  }

  #theme() {
    const root = document.documentElement;
    const said = [this.host.getAttribute("theme"), ...THEMES.map((name) => root.getAttribute(name))]
      .flatMap((value) => value?.split(/\s+/) ?? [])
      .find((word) => word === "dark" || word === "light");
    return /** @type {"light" | "dark"} */ (said ?? (DARK.matches ? "dark" : "light"));
  }
}
