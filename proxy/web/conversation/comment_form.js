// What a reader has to say of an answer, behind the thumb.

import { element } from "../elements.js";
import { isSending } from "./question_form.js";

const MOST_CHARACTERS = 4_000;

/**
 * @param {import("../strings.js").Strings} strings
 * @param {(comment: string) => Promise<boolean>} onSend tells whether it was kept
 */
export function commentForm(strings, onSend) {
  const field = element("textarea", { "aria-label": strings.tellMore, placeholder: strings.tellMore,
    dir: "auto", rows: 1, maxlength: MOST_CHARACTERS });
  const send = element("button", { class: "quiet-button" }, strings.sendComment);
  const said = element("p", { role: "status" });
  const form = element("form", { class: "comment" }, field, send, said);
  field.addEventListener("keydown", (event) => {
    if (!isSending(event)) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!field.value.trim()) return;
    const isKept = await onSend(field.value.trim());
    said.textContent = isKept ? strings.thanks : strings.failures.server;
    if (!isKept) return;
    field.remove();
    send.remove();
  });
  return form;
}
