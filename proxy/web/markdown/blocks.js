// Markdown to its blocks: paragraphs, headings, code, lists, tables, quotations, rules.
//
// CommonMark 0.31 with the tables of GitHub, without HTML and definitions of links: a tag is text.
// A container's lines are taken together, its marks are taken off, and they are read the same way.

import {
  HEADING, QUOTE, RULE, codeOf, fenceOf, indentOf, isBlank, outdented, withoutTabs,
} from "./lines.js";
import { startOfItem } from "./list_items.js";
import { cellsOf, columnsOf } from "./tables.js";
import { unescaped } from "./characters.js";
import { Within } from "./within.js";

/**
 * @typedef {{type: "paragraph", text: string}
 *   | {type: "heading", level: number, text: string}
 *   | {type: "code", language: string, text: string}
 *   | {type: "quote", blocks: Block[]}
 *   | {type: "list", start: number | null, isTight: boolean, items: Block[][]}
 *   | {type: "table", align: ("" | "left" | "right" | "center")[], rows: string[][]}
 *   | {type: "rule"}} Block
 *   `text` of paragraphs, headings and cells is yet to be read by `parseInlines`; `start` null: a
 *   list with bullets; the first of the `rows` is the head.
 *
 * @typedef {{block: Block, source: string}} SourcedBlock
 */

const MAX_DEPTH = 16;
const UNDERLINE = /^ {0,3}(=+|-+)[ \t]*$/;

/**
 * Reads a whole text.
 * @param {string} text
 * @returns {SourcedBlock[]} with the lines each was made of
 */
export function parseBlocks(text) {
  return new BlockParser(text.replace(/\r?\n$/, "").split(/\r\n|\n|\r/), 0).parse();
}

class BlockParser {
  /** @type {SourcedBlock[]} */
  found = [];
  at = 0;
  hasGaps = false;
  isAfterBlank = false;

  /**
   * @param {string[]} lines
   * @param {number} depth
   */
  constructor(lines, depth) {
    this.lines = lines;
    this.depth = depth;
  }

  parse() {
    while (this.at < this.lines.length) {
      const start = this.at;
      const block = this.next();
      if (!block) {
        this.isAfterBlank = this.found.length > 0;
        continue;
      }
      this.hasGaps ||= this.isAfterBlank;
      this.isAfterBlank = false;
      this.found.push({ block, source: this.lines.slice(start, this.at).join("\n") });
    }
    return this.found;
  }

  /** @returns {Block | null} null: a blank line */
  next() {
    const line = this.lines[this.at];
    if (isBlank(line)) {
      this.at += 1;
      return null;
    }
    if (indentOf(line) >= 4) return this.indentedCode();
    return this.fencedCode(line) ?? this.heading(line) ?? this.rule(line) ?? this.quote(line)
      ?? this.list(line) ?? this.table() ?? this.paragraph();
  }

  /** @returns {Block} */
  indentedCode() {
    const code = [];
    for (; this.at < this.lines.length; this.at += 1) {
      const line = this.lines[this.at];
      if (!isBlank(line) && indentOf(line) < 4) break;
      code.push(outdented(line, 4));
    }
    while (isBlank(code[code.length - 1])) {
      code.pop();
      this.at -= 1;
    }
    return { type: "code", language: "", text: codeOf(code) };
  }

  /**
   * @param {string} line
   * @returns {Block | null}
   */
  fencedCode(line) {
    const fence = fenceOf(line);
    if (!fence) return null;
    const code = [];
    for (this.at += 1; this.at < this.lines.length; this.at += 1) {
      if (fence.isClosedBy(this.lines[this.at])) {
        this.at += 1;
        break;
      }
      code.push(outdented(this.lines[this.at], fence.indent));
    }
    return { type: "code", language: unescaped(fence.info).split(/\s/)[0], text: codeOf(code) };
  }

  /**
   * @param {string} line
   * @returns {Block | null}
   */
  heading(line) {
    const found = HEADING.exec(line);
    if (!found) return null;
    this.at += 1;
    return { type: "heading", level: found[1].length, text: (found[2] ?? "").trim() };
  }

  /**
   * @param {string} line
   * @returns {Block | null}
   */
  rule(line) {
    if (!RULE.test(line)) return null;
    this.at += 1;
    return { type: "rule" };
  }

  /**
   * @param {string} line
   * @returns {Block | null}
   */
  quote(line) {
    if (!QUOTE.test(line) || this.depth >= MAX_DEPTH) return null;
    const inner = new Within();
    for (; this.at < this.lines.length; this.at += 1) {
      const next = this.lines[this.at];
      if (QUOTE.test(next)) inner.push(withoutTabs(next).replace(QUOTE, ""));
      else if (this.isLazy(next, inner)) inner.pushLazily(next);
      else break;
    }
    const blocks = new BlockParser(inner.lines, this.depth + 1).parse();
    return { type: "quote", blocks: blocks.map(({ block }) => block) };
  }

  /**
   * @param {string} line
   * @returns {Block | null}
   */
  list(line) {
    const first = startOfItem(line);
    if (!first || this.depth >= MAX_DEPTH) return null;
    /** @type {Block[][]} */
    const items = [];
    let isTight = true;
    for (let item = first; ; ) {
      const inner = this.itemLines(item);
      const reader = new BlockParser(inner, this.depth + 1);
      items.push(reader.parse().map(({ block }) => block));
      isTight &&= !reader.hasGaps;
      const behind = this.skipBlanks();
      const next = behind < this.lines.length ? startOfItem(this.lines[behind]) : null;
      if (!next || next.kind !== first.kind || RULE.test(this.lines[behind])) break;
      isTight &&= behind === this.at;
      this.at = behind;
      item = next;
    }
    return { type: "list", start: first.number, isTight, items };
  }

  /**
   * @param {import("./list_items.js").ItemStart} item
   * @returns {string[]}
   */
  itemLines(item) {
    const inner = new Within(item.rest);
    let end = (this.at += 1);
    for (; this.at < this.lines.length; this.at += 1) {
      const line = this.lines[this.at];
      if (isBlank(line)) {
        if (inner.lines.length === 1 && isBlank(item.rest)) break;  // two blank lines end it
        inner.push("");
        continue;
      }
      if (indentOf(line) >= item.width) inner.push(outdented(line, item.width));
      else if (this.at === end && this.isLazy(line, inner)) inner.pushLazily(line);
      else break;
      end = this.at + 1;
    }
    const behind = this.at - end;
    this.at = end;
    return inner.lines.slice(0, inner.lines.length - behind);
  }

  skipBlanks() {
    let at = this.at;
    while (at < this.lines.length && isBlank(this.lines[at])) at += 1;
    return at;
  }

  /** @returns {Block | null} */
  table() {
    const columns = columnsOf(this.lines[this.at], this.lines[this.at + 1]);
    if (!columns) return null;
    const rows = [columns.head];
    for (this.at += 2; this.at < this.lines.length; this.at += 1) {
      const line = this.lines[this.at];
      if (isBlank(line) || this.interrupts(line)) break;
      const cells = cellsOf(line);
      rows.push(columns.head.map((_, i) => cells[i] ?? ""));
    }
    return { type: "table", align: columns.align, rows };
  }

  /** @returns {Block} */
  paragraph() {
    const text = [this.lines[this.at]];
    for (this.at += 1; this.at < this.lines.length; this.at += 1) {
      const line = this.lines[this.at];
      const underline = UNDERLINE.exec(line);
      if (underline) {
        this.at += 1;
        return { type: "heading", level: underline[1][0] === "=" ? 1 : 2, text: joined(text) };
      }
      if (isBlank(line) || this.interrupts(line)) break;
      if (columnsOf(line, this.lines[this.at + 1])) break;
      text.push(line);
    }
    return { type: "paragraph", text: joined(text) };
  }

  /**
   * Whether a line ends a paragraph above it.
   * @param {string} line
   */
  interrupts(line) {
    if (indentOf(line) >= 4) return false;
    const nests = this.depth < MAX_DEPTH;
    return fenceOf(line) !== null || HEADING.test(line) || RULE.test(line)
      || (nests && QUOTE.test(line)) || (nests && startOfItem(line)?.interrupts === true);
  }

  /**
   * Whether a line without its container's mark goes on with the paragraph in it.
   * @param {string} line
   * @param {Within} inner the container's lines so far
   */
  isLazy(line, inner) {
    if (isBlank(line) || this.interrupts(line) || startOfItem(line)) return false;
    return inner.endsInParagraph();
  }
}

/** @param {string[]} lines */
const joined = (lines) => lines.map((line) => line.trimStart()).join("\n").trimEnd();
