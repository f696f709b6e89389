// What readers think of answers.

import { TABLES } from "../asking/author.js";
import { element } from "../elements.js";
import { choice, exportButtons, fill, formats, note, placeLink } from "./parts.js";

/** @typedef {import("../asking/author.js").Rated} Rated */

const SHOWN = 100;

/**
 * @param {import("./parts.js").Context} context
 * @returns {import("./main.js").Panel}
 */
export function feedbackPanel(context) {
  const { client, texts } = context;
  const list = element("div", { class: "groups" });
  /** @type {Rated[]} */
  let rated = [];
  const rating = choice(texts.rating, [["", texts.all], ["negative", texts.ratings.negative],
    ["positive", texts.ratings.positive]], "", () => show());

  function show() {
    const chosen = rated.filter((one) => !rating.select.value || one.rating === rating.select.value);
    list.replaceChildren(...chosen.length
      ? chosen.slice(0, SHOWN).map((one) => card(one, context)) : [note(texts.noFeedback, texts.noFeedbackMore)]);
  }

  const place = element("div", {});
  return {
    element: place,
    show: () => {
      fill(place, context, async () => {
        rated = await client.rows(TABLES.feedback());
        show();
        return [element("div", { class: "head" }, rating.element,
          exportButtons(context, "feedback", TABLES.feedback)), list];
      });
    },
  };
}

/**
 * @param {Rated} one
 * @param {import("./parts.js").Context} context
 */
function card(one, { texts, debug }) {
  const again = element("button", { type: "button", class: "quiet-button" }, texts.debugThis);
  again.addEventListener("click", () => debug(one.question));
  return element("article", { class: "card group" },
    element("p", { class: `rating rating-${one.rating}` }, texts.ratings[one.rating]),
    element("div", { class: "asked-about" },
      element("h3", { dir: "auto" }, one.question),
      one.comment && element("blockquote", { dir: "auto" }, one.comment),
      element("details", {}, element("summary", {}, texts.theAnswer),
        element("p", { class: "answer-text", dir: "auto" }, one.answer)),
      one.citations.length > 0 && element("div", { class: "closest" },
        element("h4", {}, texts.citedSections),
        element("ul", {}, ...one.citations.map((place) => element("li", {}, placeLink(place)))))),
    element("footer", {}, element("span", {}, formats(texts).time(one.at)), one.question && again));
}
