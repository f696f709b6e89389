// Which runs of `*`, `_` and `~` open and which close: CommonMark's "process emphasis".

/**
 * @typedef {object} Delimiter
 * @property {"*" | "_" | "~"} character
 * @property {number} count what of it is still text
 * @property {number} length as it stands in the text
 * @property {number} end where in the text it ends
 * @property {boolean} canOpen
 * @property {boolean} canClose
 * @property {("emphasis" | "strong" | "strike")[]} opens outermost first, behind what is text
 * @property {number} closes how many it closes, before what is text
 */

/**
 * Notes in each delimiter what it opens and closes.
 * @param {Delimiter[]} delimiters in the order of the text
 * @param {number | null} openEnd where the text ends for now: what is open is closed there
 */
export function matchDelimiters(delimiters, openEnd) {
  /** @type {Delimiter[]} */
  const openers = [];
  /** @type {Map<string, number>} below which place among the openers a closer of this kind looks in vain */
  const bottoms = new Map();
  for (const closer of delimiters) {
    if (closer.canClose) close(closer, openers, bottoms);
    if (closer.count > 0 && closer.canOpen) openers.push(closer);
  }
  if (openEnd !== null) closeAtEnd(openers, openEnd);
}

/**
 * @param {Delimiter} closer
 * @param {Delimiter[]} openers those between a match are dropped
 * @param {Map<string, number>} bottoms
 */
function close(closer, openers, bottoms) {
  while (closer.count > 0) {
    const kind = `${closer.character}${closer.canOpen}${closer.length % 3}`;
    const bottom = Math.min(bottoms.get(kind) ?? 0, openers.length);
    let place = openers.length - 1;
    while (place >= bottom && !fit(openers[place], closer)) place -= 1;
    if (place < bottom) {
      bottoms.set(kind, openers.length);
      return;
    }
    const opener = openers[place];
    const used = closer.character === "~" || (opener.count >= 2 && closer.count >= 2) ? 2 : 1;
    opener.opens.unshift(closer.character === "~" ? "strike" : used === 2 ? "strong" : "emphasis");
    opener.count -= used;
    closer.count -= used;
    closer.closes += 1;
    openers.length = opener.count > 0 ? place + 1 : place;
    for (const [other, value] of bottoms) bottoms.set(other, Math.min(value, openers.length));
  }
}

/**
 * @param {Delimiter} opener
 * @param {Delimiter} closer
 */
function fit(opener, closer) {
  if (opener.character !== closer.character) return false;
  const oneIsBoth = opener.canClose || closer.canOpen;
  return !oneIsBoth || (opener.length + closer.length) % 3 !== 0
    || (opener.length % 3 === 0 && closer.length % 3 === 0);
}

/**
 * @param {Delimiter[]} openers
 * @param {number} end
 */
function closeAtEnd(openers, end) {
  for (const opener of openers) {
    if (opener.canClose || opener.end === end) continue;
    if (opener.character === "~") opener.opens.unshift("strike");
    else {
      if (opener.count % 2) opener.opens.unshift("emphasis");
      if (opener.count > 1) opener.opens.unshift("strong");
    }
    opener.count = 0;
  }
}
