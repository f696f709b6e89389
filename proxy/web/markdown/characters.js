// What single characters mean to Markdown, and which of them are not shown as they are.

const ENTITIES = /** @type {Record<string, string>} */ ({
  amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0", copy: "©", reg: "®",
  trade: "™", hellip: "…", mdash: "—", ndash: "–", lsquo: "‘", rsquo: "’", ldquo: "“",
  rdquo: "”", laquo: "«", raquo: "»", bull: "•", middot: "·", times: "×", deg: "°",
  plusmn: "±", larr: "←", rarr: "→", uarr: "↑", darr: "↓", le: "≤", ge: "≥", ne: "≠",
  sect: "§", para: "¶", euro: "€", pound: "£", frac12: "½", auml: "ä", ouml: "ö", uuml: "ü",
  Auml: "Ä", Ouml: "Ö", Uuml: "Ü", szlig: "ß", eacute: "é", shy: "\u00ad", lrm: "\u200e",
  rlm: "\u200f", zwj: "\u200d", zwnj: "\u200c",
});
const ENTITY = /&(?:#[xX]([0-9a-fA-F]{1,6})|#([0-9]{1,7})|([A-Za-z][A-Za-z0-9]{1,31}));/g;
const ESCAPE_OR_ENTITY = /\\([!-/:-@[-`{-~])|&(?:#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});/g;
const PUNCTUATION = /[\p{P}\p{S}]/u;
const SPACE = /\s/u;
// They turn the order of what follows around: "evil.exe" reads as "exe.live".
const OVERRIDES = /[\u202a-\u202e]/g;
const HIDDEN_IN_CODE = /[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/**
 * The character at a place, whole even where it takes two units; "" beyond the ends.
 * @param {string} text
 * @param {number} at
 * @param {boolean} [before] the one that ends at `at`
 */
export function characterAt(text, at, before = false) {
  if (before && at > 1 && /[\udc00-\udfff]/.test(text[at - 1])) return text.slice(at - 2, at);
  if (before) return at > 0 ? text[at - 1] : "";
  return at < text.length ? String.fromCodePoint(/** @type {number} */ (text.codePointAt(at))) : "";
}

/** @param {string} character "" counts: a text begins and ends as if at a space */
export const isSpace = (character) => character === "" || SPACE.test(character);

/** @param {string} character */
export const isPunctuation = (character) => PUNCTUATION.test(character);

/**
 * The text that character references stand for; unknown ones stay as they are.
 * @param {string} text
 */
export function withoutEntities(text) {
  if (!text.includes("&")) return text;
  return text.replace(ENTITY, (whole, hex, decimal, name) => {
    if (name) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : whole;
    const point = parseInt(hex ?? decimal, hex ? 16 : 10);
    const isCharacter = point > 0 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
    return isCharacter ? String.fromCodePoint(point) : "\ufffd";
  });
}

/**
 * The text without backslash escapes and character references: of addresses, titles, labels.
 * @param {string} text
 */
export const unescaped = (text) =>
  text.replace(ESCAPE_OR_ENTITY, (whole, escaped) => escaped ?? withoutEntities(whole));

/**
 * Prose as it may be shown: nothing in it turns the reading order of its surroundings around.
 * @param {string} text
 */
export const inOrder = (text) => text.replace(OVERRIDES, "");

/**
 * Code as it may be shown: what it says and hides is seen.
 * @param {string} text
 */
export const inTheOpen = (text) =>
  text.replace(HIDDEN_IN_CODE, (hidden) => {
    const point = /** @type {number} */ (hidden.codePointAt(0));
    return `⟦U+${point.toString(16).toUpperCase().padStart(4, "0")}⟧`;
  });
