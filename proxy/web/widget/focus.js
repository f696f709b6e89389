// Keeps the Tab key within a dialog that does not cover the page.

const REACHABLE = "a[href], button, textarea, input, select, [tabindex='0']";

/**
 * @param {HTMLElement} dialog
 * @param {KeyboardEvent} event
 */
export function keepFocusIn(dialog, event) {
  if (event.key !== "Tab") return;
  const all = /** @type {HTMLElement[]} */ (Array.from(dialog.querySelectorAll(REACHABLE)))
    .filter((one) => !one.hasAttribute("disabled") && one.checkVisibility() && isChosen(one));
  const root = /** @type {ShadowRoot} */ (dialog.getRootNode());
  const [first, last] = [all[0], all[all.length - 1]];
  const end = event.shiftKey ? first : last;
  if (!first || (root.activeElement !== end && all.includes(/** @type {HTMLElement} */ (root.activeElement)))) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
}

/**
 * Tab stops at one radio button of a group: the chosen one.
 * @param {HTMLElement} one
 */
const isChosen = (one) => !(one instanceof HTMLInputElement && one.type === "radio") || one.checked;
