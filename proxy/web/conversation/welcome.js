// What stands here before the first question.

import { element } from "../elements.js";

/**
 * @param {import("../asking/client.js").Config} config
 * @param {import("../strings.js").Strings} strings
 * @param {string} book title of the one that is asked, "" for several
 * @param {(question: string) => void} onAsk
 */
export function welcome(config, strings, book, onAsk) {
  const questions = config.prompts.length ? config.prompts : usualQuestions(config, strings);
  const starters = questions.map((question) => {
    const button = element("button", { type: "button", class: "starter", dir: "auto" }, question);
    button.addEventListener("click", () => onAsk(question));
    return element("li", {}, button);
  });
  return element("section", { class: "welcome" },
    element("h1", { dir: "auto" }, strings.language === "en" && config.greeting || strings.greeting),
    element("p", { class: "introduction" },
      book ? strings.introductionOf({ book }) : strings.introduction),
    config.books.length === 0 && element("p", { class: "notice" }, strings.noBooks),
    config.books.length > 0 && element("ul", { class: "starters", "aria-label": strings.startWith }, ...starters),
    config.answers_offline && element("p", { class: "offline-note" },
      `${strings.offlineReader}. ${strings.offline}`,
      config.reader.role === "admin" && ` ${strings.switchOn}`));
}

/**
 * @param {import("../asking/client.js").Config} config
 * @param {import("../strings.js").Strings} strings
 */
function usualQuestions({ books }, strings) {
  if (books.length > 1) return books.slice(0, 4).map(({ title, id }) => strings.aboutBook({ book: title || id }));
  return [strings.aboutTheBook, strings.whereToBegin, strings.whatElse];
}
