// How the sections of the books serve: most cited, and given often but seldom cited, or disliked.

import { TABLES } from "../asking/author.js";
import { element } from "../elements.js";
import { shareBar } from "./chart.js";
import { exportButtons, fill, formats, note, placeLink, table } from "./parts.js";
import { logIsOff } from "./questions.js";

/** @typedef {import("../asking/author.js").Section} Section */

const SHOWN = 20;
const OFTEN = 2;
const SELDOM = 1 / 3;

/**
 * The sections that an author may want to look at: disliked ones first, then those that were given
 * most without being cited.
 * @param {Section[]} sections
 */
export function weakest(sections) {
  return sections
    .filter(({ given, cited, disliked }) => disliked > 0 || (given >= OFTEN && cited / given < SELDOM))
    .sort((a, b) => b.disliked - a.disliked || (b.given - b.cited) - (a.given - a.cited));
}

/**
 * @param {import("./parts.js").Context} context
 * @returns {import("./main.js").Panel}
 */
export function sectionsPanel(context) {
  const { client, texts } = context;
  const place = element("div", {});
  return {
    element: place,
    hasPeriod: true,
    show: (days) => {
      fill(place, context, async () => {
        /** @type {[Section[], import("../asking/author.js").Summary]} */
        const [found, { question_log: log }] = await Promise.all([
          client.rows(TABLES.sections(days)), client.summary(days)]);
        if (log === "off") return [logIsOff(texts)];
        if (!found.length) return [note(texts.noSections, texts.noSectionsMore)];
        const cited = found.filter((one) => one.cited > 0);
        const weak = weakest(found);
        return [
          element("div", { class: "head" }, element("h2", {}, texts.mostCited),
            exportButtons(context, "sections", () => TABLES.sections(days))),
          cited.length ? sectionTable(texts.mostCited, cited, context) : note(texts.noneCited),
          element("h2", {}, texts.weakest),
          element("p", { class: "lead" }, texts.weakestMore),
          weak.length ? sectionTable(texts.weakest, weak, context) : note(texts.noneWeak),
        ];
      });
    },
  };
}

/**
 * @param {string} caption
 * @param {Section[]} sections
 * @param {import("./parts.js").Context} context
 */
function sectionTable(caption, sections, { texts }) {
  const format = formats(texts);
  return table(caption, [
    { label: texts.section }, { label: texts.book }, { label: texts.given, isNumber: true },
    { label: texts.cited, isNumber: true }, { label: texts.citedShare },
    { label: texts.liked, isNumber: true }, { label: texts.disliked, isNumber: true },
  ], sections.slice(0, SHOWN).map((one) => [
    placeLink(one), element("bdi", {}, one.book), format.number(one.given), format.number(one.cited),
    element("span", { class: "share-cell" }, shareBar(one.cited / one.given), format.percent(one.cited / one.given)),
    format.number(one.liked),
    element("span", { class: one.disliked > 0 && "bad" }, format.number(one.disliked)),
  ]));
}
