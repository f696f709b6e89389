// What readers ask: by day, and the groups of questions that found no good passage.

import { TABLES } from "../asking/author.js";
import { element } from "../elements.js";
import { columns } from "./chart.js";
import { button, choice, exportButtons, fill, formats, note, placeLink } from "./parts.js";

/** @typedef {import("../asking/author.js").QuestionGroup} QuestionGroup */

const SHOWN = 50;

/**
 * @param {import("./parts.js").Context} context
 * @returns {import("./main.js").Panel}
 */
export function questionsPanel(context) {
  const { client, texts } = context;
  const chart = element("div", {});
  const groups = element("div", { class: "groups" });
  let days = 30;
  /** @type {"off" | "hashed" | "full"} */
  let log = "full";
  const status = choice(texts.status, ["no-match", "degraded", "grounded"].map((one) =>
    [one, texts.statuses[/** @type {"grounded"} */ (one)]]), "no-match", () => readGroups());
  const path = () => TABLES.questions(days, status.select.value);
  const list = element("section", { hidden: true },
    element("div", { class: "head" }, element("h2", {}, texts.groups), status.element,
      exportButtons(context, "questions", path)), groups);

  const readGroups = () => fill(groups, context, async () => {
    /** @type {QuestionGroup[]} */
    const found = await client.rows(path());
    if (!found.length) return [note(texts.noGroups[status.select.value], texts.noGroupsMore)];
    const shown = found.slice(0, SHOWN).map((group) => groupCard(group, log, context));
    const left = found.length - shown.length;
    return [...shown, ...left > 0 ? [note(texts.moreInExport({ n: left }))] : []];
  });

  return {
    element: element("div", {}, chart, list),
    hasPeriod: true,
    show: (period) => {
      days = period;
      fill(chart, context, async () => {
        const summary = await client.summary(days);
        log = summary.question_log;
        list.hidden = log === "off";
        if (log === "off") return [logIsOff(texts)];
        readGroups();
        return [daysChart(summary, context), ...log === "hashed" ? [note(texts.hashed, texts.hashedMore)] : []];
      });
    },
  };
}

/** @param {import("./strings.js").AuthorStrings} texts */
export const logIsOff = (texts) =>
  note(texts.logOff, texts.logOffMore, element("pre", {}, "PROXY_QUESTION_LOG=full"), texts.logOffPrivacy);

/**
 * @param {import("../asking/author.js").Summary} summary
 * @param {import("./parts.js").Context} context
 */
function daysChart({ days }, { texts }) {
  return columns({
    title: texts.questionsByDay,
    days: days.map((day) => ({ day: day.day, values: counts(day) })),
    series: [
      { key: "grounded", label: texts.statuses.grounded, color: 1 },
      { key: "no-match", label: texts.statuses["no-match"], color: 2 },
      { key: "degraded", label: texts.statuses.degraded, color: 3 },
      { key: "off", label: texts.statuses.off, color: 4 },
    ],
    texts,
  });
}

/** @param {import("../asking/author.js").Day} day @returns {Record<string, number>} */
const counts = ({ day: _day, ...byStatus }) => byStatus;

/**
 * @param {QuestionGroup} group
 * @param {"off" | "hashed" | "full"} log
 * @param {import("./parts.js").Context} context
 */
function groupCard(group, log, { texts, debug }) {
  const format = formats(texts);
  const isReadable = log === "full" && !/^[0-9a-f]{64}$/.test(group.question);
  const others = group.wordings.filter((one) => one !== group.question);
  const name = isReadable ? group.question : texts.hashedQuestion({ id: group.question.slice(0, 8) });
  return element("article", { class: "card group" },
    element("p", { class: "count" }, element("b", {}, format.number(group.count)), " ", texts.times({ n: group.count })),
    element("div", { class: "asked-about" },
      element("h3", { dir: "auto" }, name),
      isReadable && others.length > 0 && element("details", {},
        element("summary", {}, texts.otherWordings({ n: others.length })),
        element("ul", {}, ...others.map((one) => element("li", { dir: "auto" }, one)))),
      group.nearby.length > 0 && element("div", { class: "closest" },
        element("h4", {}, texts.nearest),
        element("ul", {}, ...group.nearby.map((place) => element("li", {}, placeLink(place)))))),
    element("footer", {}, element("span", {}, texts.lastAsked({ when: format.time(group.last_asked) })),
      isReadable && button(texts.debugThis, () => debug(group.question), "quiet-button")));
}
