// Where an item of a list begins.

import { isBlank, withoutTabs } from "./lines.js";

/**
 * @typedef {object} ItemStart
 * @property {string} kind items of the same kind make a list
 * @property {number | null} number null: a bullet
 * @property {number} width columns that the lines of the item are indented by
 * @property {string} rest what follows the marker
 * @property {boolean} interrupts whether it ends a paragraph above it
 */

const MARKER = /^( {0,3})([-+*]|(\d{1,9})([.)]))( +|$)/;

/**
 * @param {string} line
 * @returns {ItemStart | null}
 */
export function startOfItem(line) {
  const spaced = withoutTabs(line);
  const found = MARKER.exec(spaced);
  if (!found) return null;
  const [whole, indent, marker, number, delimiter, spaces] = found;
  const isEmpty = isBlank(spaced.slice(whole.length));
  const isCode = spaces.length > 4;
  const behind = isEmpty || isCode ? 1 : spaces.length;
  const width = indent.length + marker.length + behind;
  return {
    kind: delimiter ?? marker,
    number: number === undefined ? null : Number(number),
    width,
    rest: isEmpty ? "" : spaced.slice(width),
    interrupts: !isEmpty && (number === undefined || number === "1"),
  };
}
