// The numbers in an answer that open the passages it rests on.

import { element } from "../elements.js";

/** @typedef {import("../asking/client.js").Citation} Citation */

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
 */
export function connectChips(answer, citations, strings) {
  const known = new Map(citations.map((citation) => [String(citation.index), citation]));
  for (const button of chipsIn(answer)) {
    const citation = known.get(button.dataset.citation ?? "");
    if (!citation) button.replaceWith(`[${button.dataset.citation}]`);
    else {
      button.setAttribute("aria-label", strings.citationOf({ n: citation.index, title: citation.title }));
      button.setAttribute("aria-haspopup", "dialog");
      button.title = citation.title;
      button.removeAttribute("aria-disabled");
    }
  }
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
  const number = target.dataset.citation ?? "";
  const same = chipsIn(answer).filter((one) => one.dataset.citation === number);
  return { number: Number(number), occurrence: Math.max(0, same.indexOf(target)), chip: target };
}

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
