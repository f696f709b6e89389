// A question that is being put in other words.

import { element } from "../elements.js";

/**
 * @param {string} question
 * @param {import("../strings.js").Strings} strings
 * @param {{onAsk: (question: string) => void, onCancel: () => void}} actions
 */
export function questionForm(question, strings, { onAsk, onCancel }) {
  const field = element("textarea", { class: "question-field", "aria-label": strings.edit, dir: "auto", rows: 1 });
  field.value = question;
  const cancel = element("button", { type: "button", class: "quiet-button" }, strings.cancel);
  const form = element("form", { class: "question-form" }, field,
    element("div", { class: "question-form-ends" }, cancel,
      element("button", { class: "button primary" }, strings.saveEdit)));
  cancel.addEventListener("click", onCancel);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") onCancel();
    else if (isSending(event)) form.requestSubmit();
    else return;
    event.preventDefault();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const asked = field.value.trim();
    if (asked) onAsk(asked);
  });
  return form;
}

/**
 * Whether a key sends what was typed: Enter, unless it ends a word of an input method.
 * @param {KeyboardEvent} event
 */
export const isSending = (event) => event.key === "Enter" && !event.shiftKey && !event.isComposing;
