// The books that are served, the way back to the edition before, and what is on its way in.

import { Failure } from "../asking/failures.js";
import { element } from "../elements.js";
import { jobsTable } from "./jobs.js";
import { button, failed, fill, formats, note } from "./parts.js";

const LOOK_AGAIN_MS = 1_500;
const OPEN = new Set(["queued", "running", "cancelling"]);

/** @typedef {import("../asking/author.js").Book} Book */

/**
 * @param {import("./parts.js").Context} context
 * @returns {import("./main.js").Panel}
 */
export function booksPanel(context) {
  const { client, texts, announce } = context;
  const books = element("div", { class: "books" });
  const said = element("div", {});
  const jobs = element("div", {});
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let isShown = false;
  let isWorking = false;
  let shownJobs = "";

  const readBooks = () => fill(books, context, async () => {
    const found = await client.books();
    return found.length ? found.map((book) => bookCard(book, context, () => rollback(book)))
      : [note(texts.noBooks, texts.noBooksMore, element("pre", {}, "book-proxy ingest FOLDER --book ID"))];
  });

  const readJobs = () => fill(jobs, context, async () => {
    clearTimeout(timer);
    const found = await client.jobs().catch((/** @type {unknown} */ error) => {
      shownJobs = "";
      throw error;
    });
    const wasWorking = isWorking;
    isWorking = found.some(({ status }) => OPEN.has(status));
    if (wasWorking && !isWorking) {
      announce(texts.jobsOver);
      readBooks();
    }
    if (isWorking && isShown) timer = setTimeout(readJobs, LOOK_AGAIN_MS);
    // What has not changed is left alone, with the focus and what was opened in it.
    const told = JSON.stringify(found);
    if (told === shownJobs) return null;
    shownJobs = told;
    return [found.length ? jobsTable(found, context, readJobs) : note(texts.noJobs, texts.noJobsMore)];
  });

  /** @param {Book} book */
  async function rollback(book) {
    if (!await confirmed(texts.rollbackOf(book), context)) return;
    try {
      const now = await client.rollback(book.id);
      said.replaceChildren(note(texts.rolledBack({ title: now.title, edition: now.edition })));
      announce(texts.rolledBack({ title: now.title, edition: now.edition }));
      await readBooks();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      said.replaceChildren(failed(error, context));
    }
  }

  return {
    element: element("div", {}, said, books, element("h2", {}, texts.jobs), jobs),
    show: () => {
      isShown = true;
      said.replaceChildren();
      readBooks();
      readJobs();
    },
    hide: () => {
      isShown = false;
      clearTimeout(timer);
    },
  };
}

/**
 * @param {Book} book
 * @param {import("./parts.js").Context} context
 * @param {() => void} onRollback
 */
function bookCard(book, { texts }, onRollback) {
  const format = formats(texts);
  const facts = /** @type {[string, Node | string][]} */ ([
    [texts.documents, format.number(book.documents)],
    [texts.chunks, format.number(book.chunks)],
    [texts.edition, element("bdi", {}, book.edition)],
    [texts.created, format.time(book.created * 1000)],
    [texts.site, book.base_url ? element("bdi", {}, book.base_url) : texts.noSite],
    [texts.embedding, element("bdi", {}, `${book.embedding_model} · ${book.dimensions}`)],
  ]);
  const name = `book-${book.id}`;
  return element("article", { class: "card", "aria-labelledby": name },
    element("header", {}, element("h2", { id: name, dir: "auto" }, book.title || book.id),
      element("code", {}, book.id)),
    element("dl", {}, ...facts.map(([term, fact]) =>
      element("div", {}, element("dt", {}, term), element("dd", {}, fact)))),
    ...book.previous_edition ? [element("footer", {}, button(texts.rollback, onRollback))] : []);
}

/**
 * Whether somebody says yes.
 * @param {string} question
 * @param {import("./parts.js").Context} context
 * @returns {Promise<boolean>}
 */
function confirmed(question, { texts, strings }) {
  const dialog = element("dialog", { class: "confirm", "aria-label": texts.rollback });
  const no = button(strings.cancel, () => dialog.close());
  dialog.append(element("p", {}, question),
    element("div", {}, no, button(texts.rollbackYes, () => dialog.close("yes"), "button primary")));
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    dialog.showModal();
    no.focus();
  });
}
