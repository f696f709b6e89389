// What the panels are made of: tables, places in a book, notes, buttons, numbers and dates.

import { storedKey } from "../asking/sign_in.js";
import { failureNotice } from "../conversation/failure_notice.js";
import { Failure } from "../asking/failures.js";
import { element } from "../elements.js";
import { safeAddress } from "../markdown/links.js";

/**
 * @typedef {object} Context what every panel gets
 * @property {import("../asking/author.js").AuthorClient} client
 * @property {import("../asking/author.js").Me} me
 * @property {import("./strings.js").AuthorStrings} texts
 * @property {import("../strings.js").Strings} strings
 * @property {(text: string) => void} announce says something aloud
 * @property {(question: string) => void} debug opens the debugger with a question
 *
 * @typedef {Node | string | null} Cell
 */

/**
 * @param {string} label
 * @param {() => void} onClick
 * @param {string} [kind] its class
 */
export function button(label, onClick, kind = "button") {
  const made = element("button", { type: "button", class: kind }, label);
  made.addEventListener("click", onClick);
  return made;
}

/**
 * A table that can be scrolled by keyboard where it is wider than the page.
 * @param {string} caption
 * @param {{label: string, isNumber?: boolean}[]} columns the first names the row
 * @param {Cell[][]} rows
 */
export function table(caption, columns, rows) {
  const kind = (/** @type {number} */ n) => (columns[n].isNumber ? "number" : null);
  const head = columns.map(({ label }, n) => element("th", { scope: "col", class: kind(n) }, label));
  const body = rows.map((cells) => element("tr", {}, ...cells.map((cell, n) => (n === 0
    ? element("th", { scope: "row", class: kind(n) }, cell)
    : element("td", { class: kind(n) }, cell)))));
  return element("div", { class: "table", tabindex: 0, role: "region", "aria-label": caption },
    element("table", {}, element("caption", { class: "unseen" }, caption),
      element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...body)));
}

/**
 * A place in a book; a link unless that leads nowhere, or to what asks for the key again.
 * @param {import("../asking/author.js").Place} place
 */
export function placeLink({ title, url }) {
  const address = url ? safeAddress(url, location.href) : null;
  const needsKey = storedKey() !== null && address?.startsWith(`${location.origin}/v1/sources/`);
  if (!address || needsKey) return element("bdi", {}, title);
  return element("a", { href: address, target: "_blank", rel: "noopener noreferrer", dir: "auto" }, title);
}

/** @param {string} title @param {...(Node | string | null)} more */
export const note = (title, ...more) =>
  element("div", { class: "note" }, element("p", { class: "note-title" }, title),
    ...more.map((one) => (typeof one === "string" ? element("p", {}, one) : one)));

/**
 * A choice with its name before it.
 * @param {string} label
 * @param {[string, string][]} options value and text
 * @param {string} chosen
 * @param {(value: string) => void} [onChange]
 */
export function choice(label, options, chosen, onChange) {
  const select = element("select", {}, ...options.map(([value, text]) =>
    element("option", { value, selected: value === chosen }, text)));
  select.addEventListener("change", () => onChange?.(select.value));
  return { select, element: element("label", { class: "field" }, element("span", {}, label), select) };
}

/**
 * Buttons that keep the rows of a table as a file.
 * @param {Context} context
 * @param {string} name of the file
 * @param {() => string} path one of `TABLES`
 */
export function exportButtons({ client, texts, announce }, name, path) {
  /** @param {"csv" | "json"} format */
  const keep = async (format) => {
    try {
      const url = URL.createObjectURL(await client.file(path(), format));
      element("a", { href: url, download: `${name}.${format}` }).click();
      URL.revokeObjectURL(url);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      announce(texts.notExported);
    }
  };
  return element("div", { class: "exports", role: "group", "aria-label": texts.exportOf({ name: texts.tables[name] }) },
    button("CSV", () => keep("csv")), button("JSON", () => keep("json")));
}

/** @type {WeakMap<Element, object>} what is being read for each place: the last that was asked for */
const reading = new WeakMap();

/**
 * Shows what `read` makes, or why it cannot be shown; an answer that comes too late is not shown.
 * @param {Element} place
 * @param {Context} context
 * @param {() => Promise<Node[] | null>} read null: what is there may stay
 */
export async function fill(place, context, read) {
  const turn = {};
  reading.set(place, turn);
  place.setAttribute("aria-busy", "true");
  /** @type {Node[] | null} */
  let made;
  try {
    made = await read();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    made = [failed(error, context, () => fill(place, context, read))];
  }
  if (reading.get(place) !== turn) return;
  if (made) place.replaceChildren(...made);
  place.removeAttribute("aria-busy");
}

/**
 * @param {Failure} failure
 * @param {Context} context
 * @param {() => void} [retry]
 */
export function failed(failure, { strings, texts }, retry) {
  if (failure.kind === "forbidden") return note(texts.notYours, texts.notYoursMore);
  const words = { ...strings, failures: { ...strings.failures, ...texts.wentWrong } };
  return failureNotice(failure, words, { retry, signIn: () => location.reload() });
}

/** @param {import("./strings.js").AuthorStrings} texts */
export function formats(texts) {
  const number = new Intl.NumberFormat(texts.language);
  const score = new Intl.NumberFormat(texts.language, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
  const percent = new Intl.NumberFormat(texts.language, { style: "percent" });
  const time = new Intl.DateTimeFormat(texts.language, { dateStyle: "medium", timeStyle: "short" });
  const day = new Intl.DateTimeFormat(texts.language, { day: "numeric", month: "short", timeZone: "UTC" });
  return {
    number: (/** @type {number} */ n) => number.format(n),
    score: (/** @type {number | null | undefined} */ n) => (n === null || n === undefined ? "–" : score.format(n)),
    percent: (/** @type {number} */ n) => percent.format(n),
    time: (/** @type {string | number} */ when) => time.format(new Date(when)),
    day: (/** @type {string} */ when) => day.format(new Date(when)),
  };
}
