// Markdown as elements of a page. What is shown was never HTML, so nothing in it can run or load.

import { element } from "../elements.js";
import { parseBlocks } from "./blocks.js";
import { inOrder, inTheOpen } from "./characters.js";
import { plainText } from "./inline_tree.js";
import { parseInlines } from "./inlines.js";
import { safeAddress } from "./links.js";

const COPIED_MS = 1_600;

/**
 * @typedef {object} RenderOptions
 * @property {import("../strings.js").Strings} strings
 * @property {string} [base] the page of the text, from which its relative links count
 * @property {(number: number) => boolean} [isCitation] which `[n]` are markers
 * @property {(number: number) => Node} [renderCitation]
 * @property {boolean} [isOpen] more is to come
 * @property {number} [topLevel] of a heading `#`; 3 unless told
 */

/**
 * @param {string} text
 * @param {RenderOptions} options
 * @returns {DocumentFragment}
 */
export function renderMarkdown(text, options) {
  const fragment = document.createDocumentFragment();
  for (const { block } of parseBlocks(text)) fragment.append(renderBlock(block, options));
  return fragment;
}

/**
 * @param {import("./blocks.js").Block} block
 * @param {RenderOptions} options
 * @returns {HTMLElement}
 */
export function renderBlock(block, options) {
  switch (block.type) {
    case "paragraph": return element("p", { dir: "auto" }, ...inlines(block.text, options));
    case "heading": return heading(block.level, block.text, options);
    case "code": return codeBlock(block.language, block.text, options);
    case "quote": return element("blockquote", { dir: "auto" }, ...blocks(block.blocks, options));
    case "list": return list(block, options);
    case "table": return table(block, options);
    case "rule": return element("hr");
  }
}

/**
 * @param {import("./blocks.js").Block[]} list
 * @param {RenderOptions} options
 */
const blocks = (list, options) => list.map((block) => renderBlock(block, options));

/**
 * @param {number} level
 * @param {string} text
 * @param {RenderOptions} options
 */
function heading(level, text, options) {
  const shown = Math.min(6, level - 1 + (options.topLevel ?? 3));
  const tag = /** @type {"h3"} */ (`h${shown}`);
  return element(tag, { dir: "auto", "data-level": level }, ...inlines(text, options));
}

/**
 * @param {string} language
 * @param {string} text
 * @param {RenderOptions} options
 */
function codeBlock(language, text, { strings }) {
  const code = element("code", {}, inTheOpen(text));
  const copy = element("button", { type: "button", class: "code-copy" }, strings.copy);
  copy.addEventListener("click", () => copyText(code.textContent ?? "", copy, strings));
  return element("figure", { class: "code", dir: "ltr" },
    element("figcaption", {}, element("span", { class: "code-language" }, inTheOpen(language)), copy),
    element("pre", { tabindex: 0 }, code));
}

/**
 * Copies, and says on the button that it did.
 * @param {string} text
 * @param {HTMLElement} button
 * @param {import("../strings.js").Strings} strings
 */
export async function copyText(text, button, strings) {
  // There is a clipboard on https and on this machine only.
  const copying = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error("no clipboard"));
  button.textContent = await copying.then(() => strings.copied, () => strings.notCopied);
  setTimeout(() => { button.textContent = strings.copy; }, COPIED_MS);
}

/**
 * @param {Extract<import("./blocks.js").Block, {type: "list"}>} block
 * @param {RenderOptions} options
 */
function list({ start, isTight, items }, options) {
  const made = items.map((item) => element("li", {}, ...item.flatMap((block) =>
    isTight && block.type === "paragraph"
      ? [element("span", { dir: "auto" }, ...inlines(block.text, options))]
      : [renderBlock(block, options)])));
  if (start === null) return element("ul", { dir: "auto" }, ...made);
  return element("ol", { dir: "auto", start: start === 1 ? null : start }, ...made);
}

/**
 * @param {Extract<import("./blocks.js").Block, {type: "table"}>} block
 * @param {RenderOptions} options
 */
function table({ align, rows }, options) {
  /**
   * @param {"td" | "th"} tag
   * @param {string[]} cells
   */
  const row = (tag, cells) => element("tr", {}, ...cells.map((cell, i) => element(tag,
    { class: align[i] && `align-${align[i]}`, dir: "auto", scope: tag === "th" && "col" },
    ...inlines(cell, options))));
  const [head, ...body] = rows;
  const made = element("table", {},
    element("thead", {}, row("th", head)),
    element("tbody", {}, ...body.map((cells) => row("td", cells))));
  made.style.setProperty("--columns", String(head.length));
  const label = options.strings.table;
  return element("div", { class: "table", tabindex: 0, role: "region", "aria-label": label }, made);
}

/**
 * @param {string} text
 * @param {RenderOptions} options
 */
function inlines(text, options) {
  const { isCitation, isOpen } = options;
  return gluedToCitations(parseInlines(text, { isCitation, isOpen }))
    .map((inline) => renderInline(inline, options));
}

/**
 * Keeps a marker on the line of the word before it.
 * @param {import("./inline_tree.js").Inline[]} inlines
 */
function gluedToCitations(inlines) {
  inlines.forEach((inline, i) => {
    const before = inlines[i - 1];
    if (inline.type === "cite" && before?.type === "text") {
      before.text = before.text.replace(/[ \n]+$/, "\u00a0");
    }
  });
  return inlines;
}

/**
 * @param {import("./inline_tree.js").Inline} inline
 * @param {RenderOptions} options
 * @returns {Node | string}
 */
function renderInline(inline, options) {
  /** @param {import("./inline_tree.js").Inline[]} children */
  const within = (children) => children.map((child) => renderInline(child, options));
  switch (inline.type) {
    case "text": return inOrder(inline.text);
    case "code": return element("code", { dir: "ltr" }, inTheOpen(inline.text));
    case "break": return element("br");
    case "emphasis": return element("em", {}, ...within(inline.children));
    case "strong": return element("strong", {}, ...within(inline.children));
    case "strike": return element("s", {}, ...within(inline.children));
    case "cite": return options.renderCitation?.(inline.number) ?? `[${inline.number}]`;
    case "link": return link(inline.address, within(inline.children), options);
    // A picture would be loaded from wherever the text says; its description leads there.
    case "image": return link(inline.address, [inOrder(plainText(inline.children)) || "…"], options);
  }
}

/**
 * @param {string} address
 * @param {(Node | string)[]} children
 * @param {RenderOptions} options
 */
function link(address, children, { base }) {
  const href = safeAddress(address, base);
  if (href === null) return element("span", { class: "no-link" }, ...children);
  const isElsewhere = new URL(href).origin !== location.origin;
  return element("a", {
    href,
    title: isElsewhere ? href : null,
    target: "_blank",
    rel: "noopener noreferrer nofollow",
    dir: "auto",
  }, ...children);
}
