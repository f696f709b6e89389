// Who used how much, day by day, and what each may use.

import { TABLES } from "../asking/author.js";
import { element } from "../elements.js";
import { columns } from "./chart.js";
import { exportButtons, fill, formats, note, table } from "./parts.js";

/**
 * @typedef {import("../asking/author.js").Usage} Usage
 * @typedef {import("../asking/author.js").Key} Key
 */

const DAY_MS = 86_400_000;

/**
 * @param {import("./parts.js").Context} context
 * @returns {import("./main.js").Panel}
 */
export function usagePanel(context) {
  const { client, texts, me } = context;
  const place = element("div", {});
  return {
    element: place,
    hasPeriod: true,
    show: (days) => {
      if (me.role !== "admin") {
        place.replaceChildren(note(texts.forAdmins, texts.forAdminsMore));
        return;
      }
      fill(place, context, async () => {
        /** @type {[Usage[], {default: import("../asking/author.js").Limits, keys: Key[]}]} */
        const [used, limits] = await Promise.all([client.rows(TABLES.usage(days)), client.keys()]);
        return [
          ...used.length ? [
            columns({
              title: texts.tokensByDay,
              days: byDay(used, days),
              series: [
                { key: "prompt_tokens", label: texts.promptTokens, color: 1 },
                { key: "completion_tokens", label: texts.completionTokens, color: 2 },
              ],
              texts,
            }),
            element("div", { class: "head" }, element("h2", {}, texts.byCaller),
              exportButtons(context, "usage", () => TABLES.usage(days))),
            callers(used, limits.keys, context),
          ] : [note(texts.noUsage, texts.noUsageMore)],
          element("h2", {}, texts.limits),
          keysTable(limits, context),
        ];
      });
    },
  };
}

/**
 * Every day of the period (UTC), with what was used on it.
 * @param {Usage[]} used
 * @param {number} days
 */
export function byDay(used, days, now = Date.now()) {
  const all = Array.from({ length: days }, (_, n) =>
    new Date(now - (days - 1 - n) * DAY_MS).toISOString().slice(0, 10));
  const found = new Map(all.map((day) => [day, { prompt_tokens: 0, completion_tokens: 0 }]));
  for (const one of used) {
    const day = found.get(one.day);
    if (!day) continue;
    day.prompt_tokens += one.prompt_tokens;
    day.completion_tokens += one.completion_tokens;
  }
  return [...found].map(([day, values]) => ({ day, values }));
}

/**
 * @param {Usage[]} used
 * @param {Key[]} keys
 * @param {import("./parts.js").Context} context
 */
function callers(used, keys, { texts }) {
  const format = formats(texts);
  const names = new Map(keys.map((key) => [`key:${key.id}`, key.name]));
  /** @type {Map<string, {requests: number, prompt: number, completion: number}>} */
  const sums = new Map();
  for (const one of used) {
    const sum = sums.get(one.caller) ?? { requests: 0, prompt: 0, completion: 0 };
    sum.requests += one.requests;
    sum.prompt += one.prompt_tokens;
    sum.completion += one.completion_tokens;
    sums.set(one.caller, sum);
  }
  const most = [...sums].sort(([, a], [, b]) => b.prompt + b.completion - a.prompt - a.completion);
  return table(texts.byCaller, [{ label: texts.caller },
    ...[texts.requests, texts.promptTokens, texts.completionTokens].map((label) => ({ label, isNumber: true }))],
  most.map(([caller, { requests, prompt, completion }]) => [
    element("span", {}, element("bdi", {}, names.get(caller) ?? caller),
      names.has(caller) && element("code", { class: "beside" }, caller)),
    format.number(requests), format.number(prompt), format.number(completion),
  ]));
}

/**
 * @param {{default: import("../asking/author.js").Limits, keys: Key[]}} limits
 * @param {import("./parts.js").Context} context
 */
function keysTable({ default: usual, keys }, { texts }) {
  const format = formats(texts);
  /** @param {number | null} limit @param {number | null} otherwise */
  const shown = (limit, otherwise) => {
    const counts = limit ?? otherwise ?? 0;
    const words = counts === 0 ? texts.unlimited : format.number(counts);
    return limit === null ? element("span", { class: "soft" }, words) : words;
  };
  /** @param {import("../asking/author.js").Limits} one */
  const cells = (one) => [shown(one.rpm, usual.rpm), shown(one.tpm, usual.tpm), shown(one.tokens_per_day, 0)];
  return element("div", {}, table(texts.limits, [
    { label: texts.key }, { label: texts.role }, { label: texts.books },
    ...[texts.rpm, texts.tpm, texts.tokensPerDay].map((label) => ({ label, isNumber: true })), { label: texts.state },
  ], [
    [texts.everyoneElse, "", "", ...cells(usual), ""],
    ...keys.map((key) => [
      element("span", {}, element("bdi", {}, key.name), element("code", { class: "beside" }, key.id)),
      texts.roles[key.role] ?? key.role, key.books ? element("bdi", {}, key.books) : texts.allBooks, ...cells(key),
      element("span", { class: `state state-${key.state}` }, texts.keyStates[key.state] ?? key.state),
    ]),
  ]), element("p", { class: "lead" }, texts.limitsMore));
}
