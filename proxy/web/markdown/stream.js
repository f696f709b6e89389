// Shows a Markdown text while it grows. What has been shown stays where it is: only the last block
// changes, and what cannot be told yet is held back for the moment.

import { parseBlocks } from "./blocks.js";
import { renderBlock } from "./render.js";

// A last line like "#", "2." or "- **" could become anything, and would jump.
const UNDECIDED_LINE = /^[-*+=_#>`~|:!\\[\]\s]*(?:\d{1,9}[.)]?)?\s*$/;
const UNDECIDED_END = /(?:\[[^\]\n]{0,80}|[*_~`!\\]+)$/;

export class GrowingText {
  /** @type {import("./blocks.js").SourcedBlock[]} */
  shown = [];
  wasOpen = false;

  /**
   * @param {HTMLElement} root gets one child per block
   * @param {import("./render.js").RenderOptions} options
   */
  constructor(root, options) {
    this.root = root;
    this.options = options;
  }

  /**
   * @param {string} text all of it so far
   * @param {{isOpen: boolean}} state whether more is to come
   */
  update(text, { isOpen }) {
    const now = parseBlocks(isOpen ? decided(text) : text);
    if (isOpen) holdTable(now);
    let same = 0;
    while (same < now.length && isSame(now[same], this.shown[same])) same += 1;
    if (this.wasOpen) same = Math.min(same, this.shown.length - 1);  // that one was cut off
    for (let i = same; i < now.length; i += 1) this.show(now, i, isOpen);
    while (this.root.children.length > now.length) this.root.lastElementChild?.remove();
    this.shown = now;
    this.wasOpen = isOpen && now.length > 0;
  }

  /**
   * @param {import("./blocks.js").SourcedBlock[]} now
   * @param {number} i
   * @param {boolean} isOpen
   */
  show(now, i, isOpen) {
    const { block } = now[i];
    const made = renderBlock(block, { ...this.options, isOpen: isOpen && i === now.length - 1 });
    const old = this.root.children[i];
    if (!old) this.root.append(made);
    else if (!grew(old, made)) old.replaceWith(made);
  }
}

/** @param {string} text */
function decided(text) {
  const lineStart = text.lastIndexOf("\n") + 1;
  if (UNDECIDED_LINE.test(text.slice(lineStart))) return text.slice(0, lineStart);
  return text.slice(0, UNDECIDED_END.exec(text)?.index);
}

/**
 * Takes away the rows at the end that may become a table's head.
 * @param {import("./blocks.js").SourcedBlock[]} blocks
 */
function holdTable(blocks) {
  const last = blocks.at(-1)?.block;
  if (last?.type !== "paragraph") return;
  const lines = last.text.split("\n");
  while (lines.length && lines[lines.length - 1].trimStart().startsWith("|")) lines.pop();
  last.text = lines.join("\n");
  if (!lines.length) blocks.pop();
}

/**
 * @param {import("./blocks.js").SourcedBlock} now
 * @param {import("./blocks.js").SourcedBlock | undefined} before
 */
const isSame = (now, before) =>
  now.source === before?.source && now.block.type === before.block.type;

/**
 * Makes an element show what another does, where both are of a kind: what is marked or scrolled to
 * within it stays so.
 * @param {Element} old
 * @param {Element} made
 */
function grew(old, made) {
  if (old.tagName !== made.tagName) return false;
  if (old.className === "code") {
    const [before, after] = [old.querySelector("code"), made.querySelector("code")];
    const language = old.querySelector(".code-language");
    if (!before || !after || !language) return false;
    language.textContent = made.querySelector(".code-language")?.textContent ?? "";
    before.textContent = after.textContent;
    return true;
  }
  old.replaceChildren(...made.childNodes);
  for (const { name, value } of made.attributes) old.setAttribute(name, value);
  return true;
}
