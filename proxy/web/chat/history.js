// The reader's earlier conversations: a column where there is room, a drawer where there is not.

import { Failure } from "../asking/failures.js";
import { failureNotice } from "../conversation/failure_notice.js";
import { element, icon, iconButton } from "../elements.js";

/** @typedef {import("../asking/client.js").ConversationEntry} Entry */

const PAGE = 30;
const NEW = "M12 5v14M5 12h14";
const CLOSE = "M6 6l12 12M18 6L6 18";
const BIN = "M5 7h14M10 7V4.5h4V7M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5";

export class History {
  /** @type {Entry[]} */
  #entries = [];
  #hasMore = false;
  #isRead = false;

  /**
   * @param {import("../asking/client.js").Client} client
   * @param {import("../strings.js").Strings} strings
   * @param {{onOpen: (id: string) => void, onNew: () => void, onRemoved: (id: string) => void,
   *   current: () => string | null}} actions
   */
  constructor(client, strings, actions) {
    this.client = client;
    this.strings = strings;
    this.actions = actions;
    this.list = element("div", { class: "history-list" });
    this.status = element("p", { class: "unseen", role: "status" });
    const begin = element("button", { type: "button", class: "button new" }, icon(NEW), strings.newConversation);
    begin.addEventListener("click", () => this.#leave(actions.onNew));
    const close = iconButton(strings.close, CLOSE, () => this.drawer.close());
    close.classList.add("drawer-only");
    this.content = element("div", { class: "history" },
      element("div", { class: "history-head" }, begin, close), this.list, this.status);
    this.column = element("nav", { class: "history-column", "aria-label": strings.history }, this.content);
    this.drawer = element("dialog", { class: "history-drawer", "aria-label": strings.menu });
    this.drawer.addEventListener("close", () => this.column.append(this.content));
    this.drawer.addEventListener("click", (event) => {
      if (event.target === this.drawer) this.drawer.close();
    });
    this.#confirm = this.#confirmation();
  }

  #confirm;

  /** Shows the drawer. */
  open() {
    this.drawer.append(this.content);
    this.drawer.showModal();
  }

  /** Reads what there is now. */
  async refresh() {
    try {
      const page = await this.client.conversations({ limit: PAGE });
      this.#entries = page.conversations;
      this.#hasMore = page.has_more;
      this.#isRead = true;
      this.show();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Draws it, the current conversation marked. */
  show() {
    const { strings } = this;
    const groups = [
      [strings.today, (/** @type {number} */ days) => days < 1],
      [strings.yesterday, (/** @type {number} */ days) => days >= 1 && days < 2],
      [strings.earlier, (/** @type {number} */ days) => days >= 2],
    ];
    const sections = groups.map(([title, isIn]) => {
      const there = this.#entries.filter((entry) => /** @type {Function} */ (isIn)(daysSince(entry.updated_at)));
      return there.length > 0 && element("section", {}, element("h2", {}, /** @type {string} */ (title)),
        element("ul", {}, ...there.map((entry) => this.#item(entry))));
    });
    const more = element("button", { type: "button", class: "quiet-button", hidden: !this.#hasMore }, strings.more);
    more.addEventListener("click", () => this.#more());
    this.list.replaceChildren(...sections.filter((one) => one !== false),
      this.#entries.length ? more : element("p", { class: "none" }, strings.noHistory));
  }

  async #more() {
    try {
      const page = await this.client.conversations({ limit: PAGE, after: this.#entries.at(-1)?.conversation_id });
      this.#entries = [...this.#entries, ...page.conversations];
      this.#hasMore = page.has_more;
      this.show();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** @param {Entry} entry */
  #item({ conversation_id: id, title }) {
    const isCurrent = id === this.actions.current();
    const open = element("button", { type: "button", class: "entry", dir: "auto", title,
      "aria-current": isCurrent && "true" }, title);
    open.addEventListener("click", () => this.#leave(() => this.actions.onOpen(id)));
    const remove = iconButton(this.strings.remove({ title }), BIN, () => this.#confirm.ask(async () => {
      try {
        await this.client.remove(id);
        this.#entries = this.#entries.filter((one) => one.conversation_id !== id);
        this.show();
        this.status.textContent = this.strings.removed;
        this.actions.onRemoved(id);
      } catch (error) {
        this.#failed(error);
      }
    }));
    return element("li", {}, open, remove);
  }

  /** @param {() => void} go */
  #leave(go) {
    if (this.drawer.open) this.drawer.close();
    go();
  }

  /** @param {unknown} error */
  #failed(error) {
    if (!(error instanceof Failure)) throw error;
    if (this.#isRead || error.kind === "sign_in") return;  // the page itself tells of it
    this.list.replaceChildren(failureNotice(error, this.strings, { retry: () => this.refresh() }));
  }

  #confirmation() {
    const { strings } = this;
    const no = element("button", { type: "button", class: "quiet-button" }, strings.cancel);
    const yes = element("button", { type: "button", class: "button danger" }, strings.confirmYes);
    const dialog = element("dialog", { class: "confirm", "aria-label": strings.confirmRemove },
      element("p", {}, strings.confirmRemove), element("div", {}, no, yes));
    /** @type {() => void} */
    let agreed = () => undefined;
    no.addEventListener("click", () => dialog.close());
    yes.addEventListener("click", () => {
      dialog.close();
      agreed();
    });
    return {
      dialog,
      ask: (/** @type {() => void} */ onYes) => {
        agreed = onYes;
        dialog.showModal();
      },
    };
  }

  /** What has to stand on the page. */
  get dialogs() {
    return [this.drawer, this.#confirm.dialog];
  }
}

/** @param {string} moment */
function daysSince(moment) {
  const [then, today] = [new Date(moment), new Date()];
  then.setHours(0, 0, 0, 0);
  today.setHours(0, 0, 0, 0);
  return Math.round((today.getTime() - then.getTime()) / 86_400_000);
}
