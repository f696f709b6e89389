// The text of a paragraph, heading or cell to its parts: emphasis, code, links, citation markers.
//
// CommonMark 0.31 without raw HTML and reference links, with ~~struck~~ text and `[n]` markers.
// Delimiters are matched first and become events; the tree is made of those in one pass.

import { characterAt, isPunctuation, isSpace, withoutEntities } from "./characters.js";
import { matchDelimiters } from "./delimiters.js";
import { treeOf } from "./inline_tree.js";
import { linkTail } from "./link_tail.js";

/**
 * @typedef {import("./inline_tree.js").Inline} Inline
 * @typedef {import("./inline_tree.js").Event} Event
 *
 * @typedef {object} InlineOptions
 * @property {(number: number) => boolean} [isCitation] which `[n]` are markers; none without it
 * @property {boolean} [isOpen] more is to come: what is begun at the end is taken for finished
 *
 * @typedef {object} Bracket
 * @property {Event} event
 * @property {boolean} isImage
 * @property {boolean} isActive
 * @property {number} delimiters how many there were before it
 */

const PLAIN = /[^\\`*_~[\]!<&\n]+/y;
const ESCAPABLE = /[!-/:-@[-`{-~]/;
const MARKER = /\[(\d{1,3})\](?!\()/y;
const AUTOLINK = /<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*)>/y;
const EMAIL = /<([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)>/y;
const BREAK_TAG = /<br\s{0,8}\/?>/iy;
const ENTITY = /&(?:#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});/y;
const BACKTICKS = /`+/g;

/**
 * @param {string} text
 * @param {InlineOptions} [options]
 * @returns {Inline[]}
 */
export function parseInlines(text, options = {}) {
  return new InlineParser(text, options).parse();
}

class InlineParser {
  /** @type {Event[]} */
  events = [];
  /** @type {import("./delimiters.js").Delimiter[]} */
  delimiters = [];
  /** @type {Bracket[]} */
  brackets = [];
  /** @type {Set<number>} lengths of backtick runs of which no further one follows */
  unclosed = new Set();
  at = 0;

  /**
   * @param {string} text
   * @param {InlineOptions} options
   */
  constructor(text, options) {
    this.text = text;
    this.options = options;
  }

  parse() {
    while (this.at < this.text.length) this.step();
    matchDelimiters(this.delimiters, this.options.isOpen ? this.text.length : null);
    return treeOf(this.events);
  }

  step() {
    const plain = this.match(PLAIN);
    if (plain) return this.say(plain[0]);
    const character = this.text[this.at];
    switch (character) {
      case "\\": return this.escape();
      case "`": return this.code();
      case "*": case "_": case "~": return this.delimiter(character);
      case "[": return this.bracket();
      case "!": return this.bang();
      case "]": return this.closeBracket();
      case "<": return this.angle();
      case "&": return this.entity();
      default: return this.newline();
    }
  }

  /** @param {RegExp} pattern sticky */
  match(pattern) {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text);
  }

  /**
   * @param {string} text
   * @param {number} [length] of what is used up
   */
  say(text, length = text.length) {
    this.at += length;
    this.events.push({ node: { type: "text", text } });
  }

  escape() {
    const next = this.text[this.at + 1] ?? "";
    if (next === "\n") return this.breakLine(2);
    return ESCAPABLE.test(next) ? this.say(next, 2) : this.say("\\");
  }

  /** @param {number} length */
  breakLine(length) {
    this.at += length;
    while (this.text[this.at] === " ") this.at += 1;
    this.events.push({ node: { type: "break" } });
  }

  newline() {
    const before = this.events.at(-1)?.node;
    let spaces = 0;
    if (before?.type === "text") {
      const kept = before.text.replace(/ +$/, "");
      spaces = before.text.length - kept.length;
      before.text = kept;
    }
    if (spaces >= 2) return this.breakLine(1);
    this.say("\n");
    while (this.text[this.at] === " ") this.at += 1;
    return undefined;
  }

  code() {
    BACKTICKS.lastIndex = this.at;
    const run = /** @type {RegExpExecArray} */ (BACKTICKS.exec(this.text))[0];
    const start = this.at + run.length;
    if (!this.unclosed.has(run.length)) {
      BACKTICKS.lastIndex = start;
      for (let found; (found = BACKTICKS.exec(this.text)) !== null; ) {
        if (found[0].length === run.length) return this.showCode(start, found.index, run.length);
      }
      this.unclosed.add(run.length);
    }
    if (this.options.isOpen && start < this.text.length && !this.text.slice(start).includes("`")) {
      return this.showCode(start, this.text.length, 0);
    }
    return this.say(run);
  }

  /**
   * @param {number} start
   * @param {number} end
   * @param {number} closing length of what ends it
   */
  showCode(start, end, closing) {
    let text = this.text.slice(start, end).replaceAll("\n", " ");
    if (/^ .* $/s.test(text) && text.trim()) text = text.slice(1, -1);
    this.at = end + closing;
    this.events.push({ node: { type: "code", text } });
  }

  /** @param {"*" | "_" | "~"} character */
  delimiter(character) {
    const start = this.at;
    while (this.text[this.at] === character) this.at += 1;
    const count = this.at - start;
    const run = this.text.slice(start, this.at);
    if (character === "~" && count !== 2) {
      this.events.push({ node: { type: "text", text: run } });
      return;
    }
    const before = characterAt(this.text, start, true);
    const after = characterAt(this.text, this.at);
    const leansLeft = !isSpace(after)
      && (!isPunctuation(after) || isSpace(before) || isPunctuation(before));
    const leansRight = !isSpace(before)
      && (!isPunctuation(before) || isSpace(after) || isPunctuation(after));
    const isUnderscore = character === "_";
    const delimiter = {
      character,
      count,
      length: count,
      end: this.at,
      canOpen: leansLeft && (!isUnderscore || !leansRight || isPunctuation(before)),
      canClose: leansRight && (!isUnderscore || !leansLeft || isPunctuation(after)),
      opens: [],
      closes: 0,
    };
    this.delimiters.push(delimiter);
    this.events.push({ delimiter });
  }

  bracket() {
    const marker = this.options.isCitation && this.match(MARKER);
    if (marker && this.options.isCitation?.(Number(marker[1]))) {
      this.at += marker[0].length;
      this.events.push({ node: { type: "cite", number: Number(marker[1]) } });
      return;
    }
    this.openBracket("[");
  }

  bang() {
    if (this.text[this.at + 1] === "[") this.openBracket("![");
    else this.say("!");
  }

  /** @param {"[" | "!["} opening */
  openBracket(opening) {
    this.at += opening.length;
    const event = { text: opening };
    this.events.push(event);
    this.brackets.push({
      event,
      isImage: opening === "![",
      isActive: true,
      delimiters: this.delimiters.length,
    });
  }

  closeBracket() {
    const opener = this.brackets.pop();
    const tail = opener?.isActive ? linkTail(this.text, this.at + 1, this.options.isOpen) : null;
    if (!opener || !tail) return this.say("]");
    matchDelimiters(this.delimiters.splice(opener.delimiters), null);
    delete opener.event.text;
    opener.event.opens = {
      type: opener.isImage ? "image" : "link",
      address: tail.address,
      title: tail.title,
      children: [],
    };
    this.events.push({ closes: true });
    this.at = tail.end;
    if (!opener.isImage) {  // links do not nest
      for (const outer of this.brackets) outer.isActive &&= outer.isImage;
    }
    return undefined;
  }

  angle() {
    const link = this.match(AUTOLINK);
    const found = link ?? this.match(EMAIL);
    if (found) {
      const address = link ? found[1] : `mailto:${found[1]}`;
      this.at += found[0].length;
      /** @type {Inline} */
      const text = { type: "text", text: found[1] };
      this.events.push({ node: { type: "link", address, title: "", children: [text] } });
      return;
    }
    const tag = this.match(BREAK_TAG);
    if (tag) this.breakLine(tag[0].length);
    else this.say("<");
  }

  entity() {
    const found = this.match(ENTITY);
    if (found) this.say(withoutEntities(found[0]), found[0].length);
    else this.say("&");
  }
}
