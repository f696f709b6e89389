// "Ask about this": a button that stands by what a reader has selected on the page.

import { element } from "../elements.js";

const GAP_PX = 8;

export class SelectionBubble {
  /**
   * @param {import("./site.js").Site} site
   * @param {import("../strings.js").Strings} strings
   * @param {(selected: import("./site.js").Selected) => void} onAsk
   */
  constructor(site, strings, onAsk) {
    this.site = site;
    this.element = element("button", { type: "button", class: "bubble", hidden: true }, strings.askAboutThis);
    /** @type {import("./site.js").Selected | null} */
    let selected = null;
    let isPressed = false;
    const update = () => {
      selected = isPressed ? null : site.selection();
      this.#show(selected !== null);
    };
    document.addEventListener("pointerdown", (event) => {
      isPressed = !event.composedPath().includes(this.element);
      if (isPressed) this.#show(false);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      document.addEventListener(end, () => {
        isPressed = false;
        setTimeout(update);  // a click that ends a selection has not ended it yet
      });
    }
    document.addEventListener("selectionchange", () => { if (!isPressed) update(); });
    for (const moved of ["scroll", "resize"]) {
      addEventListener(moved, () => { if (selected) this.#show(site.selection() !== null); }, { passive: true, capture: true });
    }
    this.element.addEventListener("pointerdown", (event) => event.preventDefault());  // keeps the selection
    this.element.addEventListener("click", () => {
      this.#show(false);
      if (selected) onAsk(selected);
    });
  }

  /** @param {boolean} isShown */
  #show(isShown) {
    this.element.hidden = !isShown;
    const selection = getSelection();
    if (!isShown || !selection?.rangeCount) return;
    const lines = Array.from(selection.getRangeAt(0).getClientRects()).filter(({ width }) => width > 1);
    const last = lines.at(-1) ?? selection.getRangeAt(0).getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const left = Math.min(Math.max(GAP_PX, last.left + last.width / 2 - width / 2), innerWidth - width - GAP_PX);
    const top = Math.min(Math.max(GAP_PX, last.bottom + GAP_PX), innerHeight - height - GAP_PX);
    this.element.style.setProperty("left", `${left}px`);
    this.element.style.setProperty("top", `${top}px`);
  }
}
