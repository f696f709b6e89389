// What went wrong, in words a reader understands, and the way on.

import { element } from "../elements.js";

/**
 * @param {import("../asking/failures.js").Failure} failure
 * @param {import("../strings.js").Strings} strings
 * @param {{retry?: () => void, signIn?: () => void}} ways
 */
export function failureNotice(failure, strings, { retry, signIn }) {
  const seconds = failure.retryAfterSeconds;
  const wait = failure.kind === "too_often" && seconds ? ` ${strings.retryIn({ seconds })}` : "";
  // What a request was refused for is said in the server's own words only.
  const detail = failure.kind === "refused" && failure.message !== failure.kind ? ` ${failure.message}` : "";
  const notice = element("div", { class: "failure", role: "alert" },
    element("p", {}, strings.failures[failure.kind] + wait + detail));
  const button = failure.kind === "sign_in" && signIn ? wayOn(strings.signIn, signIn)
    : failure.isPassing && retry ? wayOn(strings.retry, retry) : null;
  if (button) notice.append(button);
  if (failure.requestId && failure.kind === "server") {
    notice.append(element("p", { class: "request-id" }, strings.requestId({ id: failure.requestId })));
  }
  return notice;
}

/**
 * @param {string} label
 * @param {() => void} onClick
 */
function wayOn(label, onClick) {
  const button = element("button", { type: "button", class: "button" }, label);
  button.addEventListener("click", onClick);
  return button;
}
