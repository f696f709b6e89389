// The author's pages: who may see them, the ways between them, and the period they speak of.

import { createAuthorClient } from "../asking/author.js";
import { Failure } from "../asking/failures.js";
import { signInForm, storeKey, storedKey } from "../asking/sign_in.js";
import { element } from "../elements.js";
import { loadStrings } from "../strings.js";
import { booksPanel } from "./books.js";
import { feedbackPanel } from "./feedback.js";
import { button, choice, failed, note } from "./parts.js";
import { questionsPanel } from "./questions.js";
import { retrievalPanel } from "./retrieval.js";
import { sectionsPanel } from "./sections.js";
import { loadAuthorStrings } from "./strings.js";
import { usagePanel } from "./usage.js";

/**
 * @typedef {object} Panel
 * @property {HTMLElement} element
 * @property {(days: number) => void} show reads what it shows
 * @property {() => void} [hide] ends what goes on behind it
 * @property {boolean} [hasPeriod]
 */

const PERIODS = [7, 30, 90, 365];
const address = new URL(location.href);
const languages = [address.searchParams.get("lang") ?? "", ...navigator.languages];
const [strings, texts] = await Promise.all([loadStrings(languages), loadAuthorStrings(languages)]);
const client = createAuthorClient({ token: storedKey, storage: localStorage });

document.documentElement.lang = texts.language;
document.documentElement.dir = strings.direction;
document.title = texts.title;

const app = element("div", { class: "pages" });
document.body.append(app);

/** Asks who comes, and shows an author the pages. */
async function start() {
  try {
    const me = await client.me();
    if (me.role === "reader") refuse();
    else open(me);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.kind === "sign_in") alone(signInForm(strings, start));
    else alone(failed(error, /** @type {any} */ ({ strings, texts }), start));
  }
}

function refuse() {
  const again = signInForm(strings, start, { isFirst: true });
  alone(note(texts.forAuthors, texts.forAuthorsMore), again);
}

/** @param {...Node} shown */
function alone(...shown) {
  app.replaceChildren(element("main", { class: "alone" }, ...shown));
  app.querySelector("input")?.focus();
  document.documentElement.dataset.ready = "true";
}

/** @param {import("../asking/author.js").Me} me */
function open(me) {
  let days = 30;
  /** @type {string | undefined} */
  let current;
  const status = element("p", { class: "unseen", role: "status" });
  /** @type {import("./parts.js").Context} */
  const context = {
    client, me, texts, strings,
    announce: (text) => { status.textContent = text; },
    debug: (question) => {
      panels.retrieval.ask(question);
      location.hash = "retrieval";
    },
  };
  const panels = {
    books: booksPanel(context),
    questions: questionsPanel(context),
    sections: sectionsPanel(context),
    feedback: feedbackPanel(context),
    retrieval: retrievalPanel(context),
    usage: usagePanel(context),
  };
  const names = /** @type {(keyof typeof panels)[]} */ (Object.keys(panels));
  const links = names.map((name) => element("a", { href: `#${name}` }, texts.panels[name]));
  const period = choice(texts.period, PERIODS.map((n) => [String(n), texts.lastDays({ n })]), String(days),
    (value) => {
      days = Number(value);
      show();
    });
  const heading = element("h1", { tabindex: -1 });
  const stage = element("main", { id: "stage" });

  function show() {
    const asked = location.hash.slice(1);
    const name = names.find((one) => one === asked) ?? "books";
    const isOther = current !== undefined && current !== name;
    /** @type {Panel} */
    const panel = panels[name];
    for (const [n, link] of links.entries()) {
      if (names[n] === name) {
        link.setAttribute("aria-current", "page");
        link.scrollIntoView({ block: "nearest", inline: "center" });
      } else link.removeAttribute("aria-current");
    }
    for (const one of /** @type {Panel[]} */ (Object.values(panels))) one.hide?.();
    heading.textContent = texts.panels[name];
    document.title = `${texts.panels[name]} · ${texts.title}`;
    period.element.hidden = !panel.hasPeriod;
    stage.replaceChildren(
      element("div", { class: "head" }, heading, period.element),
      element("p", { class: "lead" }, texts.leads[name]), panel.element);
    panel.show(days);
    if (isOther) {
      heading.focus();
      scrollTo(0, 0);
    }
    current = name;
  }

  const skip = element("a", { class: "skip", href: "#stage" }, texts.skip);
  skip.addEventListener("click", (event) => {
    event.preventDefault();
    heading.focus();
  });
  app.replaceChildren(
    skip,
    element("header", { class: "top" },
      element("p", { class: "name" }, texts.title),
      element("nav", { "aria-label": texts.title }, ...links),
      element("div", { class: "ways" },
        element("a", { href: "/", class: "quiet-button" }, texts.toChat),
        storedKey() !== null && button(strings.signOut, () => {
          storeKey(null);
          location.reload();
        }, "quiet-button"))),
    stage, status);
  addEventListener("hashchange", show);
  show();
  document.documentElement.dataset.ready = "true";
}

await start();
