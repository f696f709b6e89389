// What one search did: its outcome, the passages, each stage with its candidates, what was dropped.

import { element } from "../elements.js";
import { formats, note, placeLink, table } from "./parts.js";

/**
 * @typedef {import("../asking/author.js").Trial} Trial
 * @typedef {import("../asking/author.js").Passage} Passage
 */

/**
 * @param {Trial} trial
 * @param {Trial | null} other what the other setting came to
 * @param {string} otherName
 * @param {import("./parts.js").Context} context
 */
export function trialView(trial, other, otherName, context) {
  const { texts } = context;
  const { explain } = trial;
  const shown = trial.passages.length ? trial.passages : trial.nearby;
  return [
    outcome(trial, context),
    element("h3", {}, trial.passages.length ? texts.passages : texts.nearest),
    shown.length ? element("ol", { class: "passages" }, ...shown.map((passage, place) =>
      passageItem(passage, place, trial.passages.length ? other : null, otherName, context)))
      : note(texts.noPassages),
    ...explain ? [
      element("h3", {}, texts.stagesTitle),
      ...explain.stages.map((stage, n) => stageView(stage, trial, n === explain.stages.length - 1, context)),
      droppedView(trial, context),
    ] : [],
  ].filter((one) => one !== null);
}

/**
 * @param {Trial} trial
 * @param {import("./parts.js").Context} context
 */
function outcome({ status, reason, mode, top_k: topK, explain }, { texts }) {
  const format = formats(texts);
  const timings = Object.entries(explain?.timings_ms ?? {});
  const total = timings.reduce((sum, [, took]) => sum + took, 0);
  const facts = /** @type {[string, Node | string | null][]} */ ([
    [texts.mode, texts.modes[mode] ?? mode],
    [texts.topK, format.number(topK)],
    [texts.floor, format.score(explain?.floor)],
    [texts.took, element("span", {}, texts.milliseconds({ n: format.number(Math.round(total)) }))],
  ]);
  return element("div", { class: "outcome" },
    element("p", {}, element("span", { class: `state state-${status}` }, texts.statuses[status]),
      reason && element("span", { class: "soft" }, ` ${texts.reasons[reason] ?? reason}`)),
    element("dl", {}, ...facts.map(([term, fact]) =>
      element("div", {}, element("dt", {}, term), element("dd", {}, fact)))),
    timings.length > 0 && element("p", { class: "soft timings" }, timings.map(([name, took]) =>
      `${texts.timings[name] ?? name} ${texts.milliseconds({ n: format.score(took) })}`).join(" · ")));
}

/**
 * @param {Passage} passage
 * @param {number} place
 * @param {Trial | null} other
 * @param {string} otherName
 * @param {import("./parts.js").Context} context
 */
function passageItem(passage, place, other, otherName, { texts }) {
  const elsewhere = other?.passages.findIndex(({ chunk_id: id }) => id === passage.chunk_id);
  const compared = elsewhere === undefined || elsewhere === place ? null
    : elsewhere < 0 ? texts.onlyHere : texts.placeElsewhere({ n: elsewhere + 1, name: otherName });
  return element("li", { class: elsewhere !== undefined && elsewhere < 0 && "only" },
    element("div", { class: "passage-head" }, placeLink(passage),
      element("span", { class: "score" }, formats(texts).score(passage.score))),
    compared && element("p", { class: "compared" }, compared),
    element("details", {}, element("summary", {}, texts.text),
      element("p", { class: "answer-text", dir: "auto" }, passage.text)));
}

/**
 * @param {import("../asking/author.js").Stage} stage
 * @param {Trial} trial
 * @param {boolean} isOpen
 * @param {import("./parts.js").Context} context
 */
function stageView({ stage, scope, candidates, best }, { chunks }, isOpen, { texts }) {
  const format = formats(texts);
  const hasParts = best.some((one) => one.by_meaning !== undefined);
  const name = texts.searchStages[stage] ?? stage;
  const words = texts.stageOf({ name, scope: texts.scopes[scope] ?? scope, n: format.number(candidates) });
  return element("details", { class: "stage", open: isOpen }, element("summary", {}, words),
    best.length ? table(words, [
      { label: texts.section }, { label: texts.score, isNumber: true },
      ...hasParts ? [{ label: texts.byMeaning, isNumber: true }, { label: texts.byWords, isNumber: true }] : [],
    ], best.map((one) => [
      chunkName(one.chunk_id, chunks), format.score(one.score),
      ...hasParts ? [format.score(one.by_meaning), format.score(one.by_terms)] : [],
    ])) : note(texts.nothingFound));
}

/**
 * @param {Trial} trial
 * @param {import("./parts.js").Context} context
 */
function droppedView({ explain, chunks }, { texts }) {
  if (!explain?.dropped.length) return null;
  const words = texts.dropped({ n: explain.dropped.length });
  return element("details", { class: "stage" }, element("summary", {}, words),
    table(words, [{ label: texts.section }, { label: texts.why }],
      explain.dropped.map(({ chunk_id: id, reason }) => [chunkName(id, chunks), reason])));
}

/**
 * @param {string} id
 * @param {Trial["chunks"]} chunks
 */
const chunkName = (id, chunks) =>
  Object.hasOwn(chunks, id) ? placeLink(chunks[id]) : element("code", {}, id);
