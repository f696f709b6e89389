// The retrieval debugger: one question, two settings, side by side.

import { Failure } from "../asking/failures.js";
import { element } from "../elements.js";
import { choice, failed, fill } from "./parts.js";
import { trialView } from "./trial.js";

const MODES = ["", "hybrid", "rrf", "dense", "bm25"];
const SCOPES = ["", "section", "page", "chapter", "book"];

/**
 * @param {import("./parts.js").Context} context
 * @returns {import("./main.js").Panel & {ask: (question: string) => void}}
 */
export function retrievalPanel(context) {
  const { client, texts, announce } = context;
  const question = element("textarea", { id: "trial", rows: 2, maxlength: 8000, required: true, dir: "auto" });
  const sides = [new Side("A", context), new Side("B", context)];
  sides[1].mode.select.value = "bm25";
  const results = element("div", { class: "sides results" });
  const compare = element("button", { class: "button primary" }, texts.compare);
  const form = element("form", { class: "trial" },
    element("label", { for: "trial" }, texts.questionToTry), question,
    element("div", { class: "sides" }, ...sides.map((side) => side.element)),
    element("div", { class: "form-end" }, compare));

  async function run() {
    compare.disabled = true;
    const asked = question.value.trim();
    const found = await Promise.all(sides.map((side) =>
      client.trial({ question: asked, ...side.settings() }).catch((/** @type {Error} */ error) => error)));
    const trials = found.map((one) => (one instanceof Error ? null : one));
    results.replaceChildren(...found.map((one, n) => {
      const title = element("h2", { id: `side-${n}` }, texts.setting({ name: sides[n].name }));
      if (!(one instanceof Error)) {
        return element("section", { "aria-labelledby": title.id }, title,
          ...trialView(one, trials[1 - n], sides[1 - n].name, context));
      }
      if (!(one instanceof Failure)) throw one;
      return element("section", { "aria-labelledby": title.id }, title, failed(one, context, run));
    }));
    compare.disabled = false;
    announce(texts.compared);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  const notice = element("div", {});
  return {
    element: element("div", {}, notice, form, results),
    show: () => {
      fill(notice, context, async () => {
        const books = await client.books();
        for (const side of sides) side.offer(books);
        return [];
      });
      if (question.value && !results.hasChildNodes()) run();
    },
    ask: (asked) => {
      question.value = asked;
      results.replaceChildren();
    },
  };
}

/** One of the two settings. */
class Side {
  /**
   * @param {string} name
   * @param {import("./parts.js").Context} context
   */
  constructor(name, { texts }) {
    this.name = name;
    this.texts = texts;
    this.mode = choice(texts.mode, MODES.map((one) => [one, texts.modes[one]]), "");
    this.book = choice(texts.book, [["", texts.allBooks]], "");
    this.topK = number({ min: 1, max: 50, step: 1, placeholder: texts.asConfigured });
    this.floor = number({ min: -1, max: 1, step: 0.01, placeholder: texts.asConfigured });
    this.scope = choice(texts.scope, SCOPES.map((one) => [one, texts.scopes[one]]), "");
    this.page = element("input", { type: "text", placeholder: texts.pagePlaceholder, dir: "ltr" });
    this.element = element("fieldset", {}, element("legend", {}, texts.setting({ name })),
      this.mode.element, this.book.element, labelled(texts.topK, this.topK), labelled(texts.floor, this.floor),
      this.scope.element, labelled(texts.page, this.page));
  }

  /** @param {import("../asking/author.js").Book[]} books */
  offer(books) {
    const { select } = this.book;
    const chosen = select.value;
    select.replaceChildren(element("option", { value: "" }, this.texts.allBooks),
      ...books.map(({ id, title }) => element("option", { value: id, selected: id === chosen }, title || id)));
  }

  /** What the server is asked for; what is left out is as it is configured. */
  settings() {
    /** @type {Record<string, unknown>} */
    const rag = {};
    if (this.book.select.value) rag.books = [this.book.select.value];
    if (this.topK.value) rag.top_k = Number(this.topK.value);
    if (this.floor.value) rag.min_score = Number(this.floor.value);
    if (this.scope.select.value) rag.scope = this.scope.select.value;
    if (this.page.value.trim()) rag.page_url = this.page.value.trim();
    return { rag, ...this.mode.select.value && { mode: this.mode.select.value } };
  }
}

/** @param {Record<string, string | number>} attributes */
const number = (attributes) => element("input", { type: "number", inputmode: "decimal", ...attributes });

/** @param {string} label @param {HTMLElement} control */
const labelled = (label, control) => element("label", { class: "field" }, element("span", {}, label), control);
