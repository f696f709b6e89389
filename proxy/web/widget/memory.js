// What the widget knows on the next page of the same visit: kept in the tab, gone with it.

const PREFIX = "book-proxy.widget";

export class Memory {
  /** @param {string} book the widget of another book is another one */
  constructor(book) {
    this.key = `${PREFIX}.${book}`;
    this.storage = storageOf("sessionStorage");
    /** @type {{isOpen?: boolean, conversation?: string | null, draft?: string, scope?: string}} */
    this.kept = read(this.storage?.getItem(this.key));
  }

  get isOpen() {
    return this.kept.isOpen === true;
  }

  /** @param {Memory["kept"]} changed */
  keep(changed) {
    Object.assign(this.kept, changed);
    this.storage?.setItem(this.key, JSON.stringify(this.kept));
  }
}

/**
 * A site may forbid its pages to store anything.
 * @param {"localStorage" | "sessionStorage"} name
 * @returns {Storage | null}
 */
export function storageOf(name) {
  try {
    return window[name];
  } catch {
    return null;
  }
}

/** @param {string | null | undefined} text */
function read(text) {
  try {
    const kept = JSON.parse(text ?? "{}");
    return typeof kept === "object" && kept !== null ? kept : {};
  } catch {
    return {};  // not ours
  }
}
