// What stands behind a link's text: `(address "title")`.

import { unescaped } from "./characters.js";

const SPACES = /[ \t]*\n?[ \t]*/y;
const IN_ANGLES = /<((?:[^<>\n\\]|\\.)*)>/y;
const TITLE = /"((?:[^"\\]|\\[^])*)"|'((?:[^'\\]|\\[^])*)'|\(((?:[^()\\]|\\[^])*)\)/y;
const MAX_NESTED_PARENTHESES = 32;

/**
 * @param {string} text
 * @param {number} start behind the `]`
 * @param {boolean} [isOpen] more is to come: an address that has not ended leads nowhere yet
 * @returns {{address: string, title: string, end: number} | null} null: that was no link
 */
export function linkTail(text, start, isOpen = false) {
  if (text[start] !== "(") return null;
  const pending = isOpen && !/[\s)]/.test(text.slice(start + 1))
    ? { address: "", title: "", end: text.length }
    : null;
  let at = skip(text, start + 1, SPACES);
  const angles = matchAt(text, at, IN_ANGLES);
  const end = angles ? at + angles[0].length : endOfBare(text, at);
  if (end === null || (!angles && text[at] === "<")) return pending;
  const address = unescaped(angles ? angles[1] : text.slice(at, end));
  at = skip(text, end, SPACES);
  const title = at > end ? matchAt(text, at, TITLE) : null;
  if (title) at = skip(text, at + title[0].length, SPACES);
  if (text[at] !== ")") return pending;
  return { address, title: unescaped(title?.[1] ?? title?.[2] ?? title?.[3] ?? ""), end: at + 1 };
}

/**
 * @param {string} text
 * @param {number} at
 * @param {RegExp} pattern sticky
 */
function matchAt(text, at, pattern) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/**
 * @param {string} text
 * @param {number} at
 * @param {RegExp} pattern sticky
 */
function skip(text, at, pattern) {
  return at + (matchAt(text, at, pattern)?.[0].length ?? 0);
}

/**
 * @param {string} text
 * @param {number} start
 * @returns {number | null} null: its parentheses do not pair
 */
function endOfBare(text, start) {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === "\\" && /[!-/:-@[-`{-~]/.test(text[at + 1] ?? "")) at += 1;
    else if (character === "(" && (depth += 1) > MAX_NESTED_PARENTHESES) return null;
    else if (character === ")" && (depth -= 1) < 0) return at;
    else if (character <= " " || character === "\u007f") return depth ? null : at;
  }
  return depth ? null : text.length;
}
