// Finds a sentence in what is shown of a passage, and marks it there.

import { element } from "../elements.js";

const WORD = /[\p{L}\p{N}]/u;
const LEAST_CHARACTERS = 3;

/**
 * Marks the first place where `quote` stands; letters and digits count, markup and spaces do not.
 * @param {HTMLElement} root
 * @param {string} quote
 * @returns {HTMLElement | null} the first mark, null where the quote is not there
 */
export function markQuote(root, quote) {
  const wanted = lettersOf(quote).join("");
  if (wanted.length < LEAST_CHARACTERS) return null;
  const { letters, places } = lettersIn(root);
  const start = letters.indexOf(wanted);
  if (start < 0) return null;
  const [first, last] = [places[start], places[start + wanted.length - 1]];
  const marks = textsBetween(root, first.node, last.node).map((node) => {
    const from = node === first.node ? first.at : 0;
    const to = node === last.node ? endOf(node, last.at) : node.data.length;
    return wrap(node, from, to);
  });
  return marks.find((mark) => mark !== null) ?? null;
}

/** @param {string} text */
const lettersOf = (text) => Array.from(text.toLowerCase()).filter((one) => WORD.test(one));

/** @param {HTMLElement} root */
function lettersIn(root) {
  /** @type {{node: Text, at: number}[]} one for each UTF-16 unit of `letters` */
  const places = [];
  let letters = "";
  for (const node of textsOf(root)) {
    let at = 0;
    for (const character of node.data) {
      const lower = character.toLowerCase();
      if (WORD.test(character)) {
        letters += lower;
        for (let unit = 0; unit < lower.length; unit += 1) places.push({ node, at });
      }
      at += character.length;
    }
  }
  return { letters, places };
}

/**
 * @param {HTMLElement} root
 * @returns {Text[]}
 */
function textsOf(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const node = /** @type {Text} */ (walker.currentNode);
    if (!node.parentElement?.closest("button, figcaption")) found.push(node);
  }
  return found;
}

/**
 * @param {HTMLElement} root
 * @param {Text} first
 * @param {Text} last
 */
function textsBetween(root, first, last) {
  const texts = textsOf(root);
  return texts.slice(texts.indexOf(first), texts.indexOf(last) + 1);
}

/**
 * Behind the character at a place, and behind what closes a sentence there.
 * @param {Text} node
 * @param {number} at
 */
function endOf(node, at) {
  const rest = node.data.slice(at);
  return at + (/^.[.!?…。！？؟۔"'”’»)]*/su.exec(rest)?.[0].length ?? rest.length);
}

/**
 * @param {Text} node
 * @param {number} from
 * @param {number} to
 */
function wrap(node, from, to) {
  const text = node.data.slice(from, to);
  if (!text.trim()) return null;
  const marked = node.splitText(from);
  marked.splitText(to - from);
  const mark = element("mark", {}, text);
  marked.replaceWith(mark);
  return mark;
}
