// Makes elements. Text is only ever set as text; no string is ever read as HTML.

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | boolean | number | null | undefined>} [attributes] null, undefined
 *   and false: left out
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * A drawing of strokes on a field of 24 by 24, decoration only.
 * @param {string} path
 */
export function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  const strokes = document.createElementNS(SVG, "path");
  strokes.setAttribute("d", path);
  for (const [name, value] of Object.entries({
    viewBox: "0 0 24 24", width: "20", height: "20", "aria-hidden": "true", focusable: "false",
    fill: "none", stroke: "currentColor", "stroke-width": "1.75", "stroke-linecap": "round",
    "stroke-linejoin": "round",
  })) svg.setAttribute(name, value);
  svg.append(strokes);
  return svg;
}

/**
 * @param {string} label
 * @param {string} path of its drawing
 * @param {() => void} onClick
 */
export function iconButton(label, path, onClick) {
  const button = element("button", { type: "button", class: "icon-button", "aria-label": label, title: label },
    icon(path));
  button.addEventListener("click", onClick);
  return button;
}
