// Amounts by day as stacked columns, drawn as SVG, and the same as a table.

import { element } from "../elements.js";
import { formats, table } from "./parts.js";

const SVG = "http://www.w3.org/2000/svg";
const GAP = 0.14;
const STEPS = [1, 2, 3, 4, 5, 6, 8, 10];

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...Node} children
 */
function drawn(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/**
 * The round number that an axis ends in: even, so that half of it is a whole number, too.
 * @param {number} most
 */
export function axisEnd(most) {
  if (most <= 2) return 2;
  const power = 10 ** Math.floor(Math.log10(most));
  const step = STEPS.find((one) => one * power >= most && (one * power) % 2 === 0) ?? 10;
  return step * power;
}

/**
 * @typedef {{key: string, label: string, color: number}} Series `color`: which of `--chart-1` …
 *
 * @param {object} what
 * @param {string} what.title
 * @param {{day: string, values: Record<string, number>}[]} what.days in order
 * @param {Series[]} what.series from the bottom up
 * @param {import("./strings.js").AuthorStrings} what.texts
 */
export function columns({ title, days, series, texts }) {
  const format = formats(texts);
  const totals = days.map(({ values }) => series.reduce((sum, { key }) => sum + values[key], 0));
  const end = axisEnd(Math.max(0, ...totals));
  const told = series
    .map(({ key, label }) => `${label}: ${format.number(days.reduce((sum, { values }) => sum + values[key], 0))}`)
    .join(", ");
  const field = drawn("svg", {
    viewBox: `0 0 ${days.length} ${end}`, preserveAspectRatio: "none", role: "img",
    "aria-label": `${title}. ${told}`, class: "columns",
  }, ...days.map((day, place) => column(day, place, series, end, format)));
  const middle = days[Math.floor((days.length - 1) / 2)];
  const ticks = days.length > 2 ? [days[0], middle, days[days.length - 1]] : days;
  return element("figure", { class: "chart" },
    element("figcaption", {}, element("span", { class: "chart-title" }, title),
      element("ul", { class: "legend" }, ...series.map(({ label, color, key }) => element("li", {},
        element("span", { class: `swatch fill-${color}` }), label, " ",
        element("b", {}, format.number(days.reduce((sum, { values }) => sum + values[key], 0))))))),
    element("div", { class: "plot" },
      element("div", { class: "scale", "aria-hidden": "true" },
        ...[end, end / 2, 0].map((n) => element("span", {}, format.number(n)))),
      field,
      element("div", { class: "days", "aria-hidden": "true" },
        ...ticks.map(({ day }) => element("span", {}, format.day(day))))),
    element("details", { class: "as-table" }, element("summary", {}, texts.asTable),
      table(title, [{ label: texts.day }, ...series.map(({ label }) => ({ label, isNumber: true }))],
        days.filter((_day, place) => totals[place] > 0).reverse().map(({ day, values }) =>
          [format.day(day), ...series.map(({ key }) => format.number(values[key]))]))));
}

/**
 * @param {{day: string, values: Record<string, number>}} day
 * @param {number} place
 * @param {Series[]} series
 * @param {number} end
 * @param {ReturnType<typeof formats>} format
 */
function column({ day, values }, place, series, end, format) {
  const group = drawn("g", {});
  const words = series.map(({ key, label }) => `${label}: ${format.number(values[key])}`).join("\n");
  const title = drawn("title", {});
  title.textContent = `${format.day(day)}\n${words}`;
  // What is pointed at is the whole day, however little there was.
  group.append(title, drawn("rect", { x: place, y: 0, width: 1, height: end, class: "day" }));
  let below = 0;
  for (const { key, color } of series) {
    const height = values[key];
    if (height === 0) continue;
    below += height;
    group.append(drawn("rect", {
      x: place + GAP, y: end - below, width: 1 - 2 * GAP, height, class: `fill-${color}`,
    }));
  }
  return group;
}

/**
 * A share of a whole, to be seen beside its number.
 * @param {number} share 0 to 1
 */
export function shareBar(share) {
  return drawn("svg", { viewBox: "0 0 100 1", preserveAspectRatio: "none", class: "share", "aria-hidden": "true" },
    drawn("rect", { width: 100, height: 1, class: "share-whole" }),
    drawn("rect", { width: 100 * share, height: 1, class: "fill-1" }));
}
