// The lines of a quotation or an item of a list while they are gathered.

import { HEADING, QUOTE, RULE, fenceOf, indentOf, isBlank } from "./lines.js";
import { startOfItem } from "./list_items.js";

const MAX_DEPTH = 16;
// Deeper than anything that could begin something in whatever the line stands in.
const FAR_IN = " ".repeat(256);

export class Within {
  /** @type {string[]} */
  lines = [];
  /** @type {ReturnType<typeof fenceOf>} */
  fence = null;

  /** @param {string} [first] */
  constructor(first) {
    if (first !== undefined) this.push(first);
  }

  /** @param {string} line without its container's mark */
  push(line) {
    this.lines.push(line);
    if (this.fence) this.fence = this.fence.isClosedBy(line) ? null : this.fence;
    else this.fence = fenceOf(line);
  }

  /** @param {string} line that goes on with a paragraph and begins nothing */
  pushLazily(line) {
    this.lines.push(FAR_IN + line.trimStart());
  }

  /** Whether the last line belongs to a paragraph, however deep it stands. */
  endsInParagraph() {
    const before = this.lines[this.lines.length - 2] ?? "";
    let last = this.lines[this.lines.length - 1] ?? "";
    if (this.fence || isBlank(last)) return false;
    if (last.startsWith(FAR_IN)) return true;
    for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
      const item = QUOTE.test(last) ? null : startOfItem(last);
      if (QUOTE.test(last)) last = last.replace(QUOTE, "");
      else if (item && !RULE.test(last)) last = item.rest;
      else break;
    }
    const isCode = indentOf(last) >= 4 && isBlank(before);
    return !isBlank(last) && !isCode && !HEADING.test(last) && !RULE.test(last) && !fenceOf(last);
  }
}
