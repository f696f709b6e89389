// Asks for a key where the server wants one. It is kept in this tab only.

import { element } from "../elements.js";

const STORED = "book-proxy.key";

/** The key that was entered in this tab. */
export const storedKey = () => sessionStorage.getItem(STORED);

/** @param {string | null} key null: forgets it */
export function storeKey(key) {
  if (key === null) sessionStorage.removeItem(STORED);
  else sessionStorage.setItem(STORED, key);
}

/**
 * @param {import("../strings.js").Strings} strings
 * @param {() => void} onKey
 * @param {{isFirst?: boolean}} [how] `isFirst`: a key that was entered before was not a wrong one
 */
export function signInForm(strings, onKey, { isFirst = false } = {}) {
  const field = element("input", { id: "key", type: "password", autocomplete: "current-password", required: true, dir: "ltr" });
  const wasWrong = !isFirst && storedKey() !== null;
  const form = element("form", { class: "sign-in" },
    element("h1", {}, strings.signIn), element("p", {}, strings.signInMore),
    wasWrong && element("p", { class: "failure", role: "alert" }, strings.failures.sign_in),
    element("label", { for: "key" }, strings.key), field,
    element("button", { class: "button primary" }, strings.signIn));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    storeKey(field.value.trim());
    onKey();
  });
  return form;
}
