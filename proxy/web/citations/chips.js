// The numbers in an answer that open the passages it rests on.

import { element } from "../elements.js";

/**
 * @typedef {import("../asking/client.js").Citation} Citation
 * @typedef {(citation: Citation, occurrence: number) => string | null} HrefOf where a citation is a
 *   link to; null: a button that opens its passage
 */

/**
 * A chip for `[n]`, whose passage is not there yet while the answer is written.
 * @param {number} number
 * @param {import("../strings.js").Strings} strings
 */
export const chip = (number, strings) => element("button", {
  type: "button",
  class: "chip",
  "data-citation": number,
  "aria-label": strings.citation({ n: number }),
  "aria-disabled": "true",
}, String(number));

/**
 * Gives the chips of a finished answer their titles; a number without a passage is text again.
 * @param {HTMLElement} answer
 * @param {Citation[]} citations
 * @param {import("../strings.js").Strings} strings
 * @param {HrefOf} [hrefOf]
 */
export function connectChips(answer, citations, strings, hrefOf = () => null) {
  const known = new Map(citations.map((citation) => [String(citation.index), citation]));
  for (const button of chipsIn(answer)) {
    const citation = known.get(button.dataset.citation ?? "");
    if (!citation) button.replaceWith(`[${button.dataset.citation}]`);
    else {
      const occurrence = occurrenceOf(button, answer);
      const href = hrefOf(citation, occurrence);
      const connected = href === null ? button : linkLike(button, href);
      if (href === null) button.setAttribute("aria-haspopup", "dialog");
      const isDoubted = Boolean(citation.doubts?.[occurrence]?.length);
      const name = (isDoubted ? strings.doubtedCitation : strings.citationOf)(
        { n: citation.index, title: citation.title });
      connected.classList.toggle("doubted", isDoubted);
      connected.setAttribute("aria-label", name);
      connected.title = isDoubted ? name : citation.title;
      connected.removeAttribute("aria-disabled");
    }
  }
}

/**
 * @param {HTMLElement} button
 * @param {string} href
 */
function linkLike(button, href) {
  const link = element("a", { class: "chip", href, "data-citation": button.dataset.citation }, button.textContent ?? "");
  button.replaceWith(link);
  return link;
}

/**
 * Which passage a click in an answer asks for, and which of its places.
 * @param {Event} event
 * @param {HTMLElement} answer
 * @returns {{number: number, occurrence: number, chip: HTMLElement} | null}
 */
export function chosenCitation(event, answer) {
  const target = event.target instanceof Element ? event.target.closest(".chip") : null;
  if (!(target instanceof HTMLElement) || target.hasAttribute("aria-disabled")) return null;
  return { number: Number(target.dataset.citation), occurrence: occurrenceOf(target, answer), chip: target };
}

/**
 * @param {HTMLElement} chip
 * @param {HTMLElement} answer
 */
const occurrenceOf = (chip, answer) => {
  const same = chipsIn(answer).filter((one) => one.dataset.citation === chip.dataset.citation);
  return Math.max(0, same.indexOf(chip));
};

/** @param {HTMLElement} answer */
const chipsIn = (answer) =>
  /** @type {HTMLElement[]} */ (Array.from(answer.querySelectorAll("[data-citation]")));

/**
 * The heading of a passage, and the headings above it.
 * @param {string} title such as "Guides › Keys › How do I …?"
 */
export function placeOf(title) {
  const names = title.split(" › ");
  return { name: names[names.length - 1], above: names.slice(0, -1).join(" › ") };
}
