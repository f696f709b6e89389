// Questions that an answer leads on to: the headings it rests on, and those that came close.

import { placeOf } from "../citations/chips.js";
import { element } from "../elements.js";

const SHOWN = 3;

/**
 * @param {import("../conversation/state.js").Turn[]} turns
 * @param {import("../strings.js").Strings} strings
 * @returns {string[]}
 */
export function followUpsOf(turns, strings) {
  const last = turns.at(-1);
  if (last?.status !== "done") return [];
  const asked = new Set(turns.map(({ question }) => question.toLowerCase()));
  const names = [...last.citations, ...last.nearby].map(({ title }) => placeOf(title).name.trim()).filter(Boolean);
  const questions = names.map((name) => /[?؟？]$/.test(name) ? name : strings.moreAbout({ title: name }));
  return Array.from(new Set(questions)).filter((one) => !asked.has(one.toLowerCase())).slice(0, SHOWN);
}

/**
 * @param {string[]} questions
 * @param {import("../strings.js").Strings} strings
 * @param {(question: string) => void} onAsk
 */
export function followUps(questions, strings, onAsk) {
  const items = questions.map((question) => {
    const button = element("button", { type: "button", class: "follow-up", dir: "auto" }, question);
    button.addEventListener("click", () => onAsk(question));
    return element("li", {}, button);
  });
  return element("section", { class: "follow-ups" },
    element("h3", {}, strings.goOn), element("ul", {}, ...items));
}
