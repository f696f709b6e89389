// The parts of a line of text as a tree, made of what was found in reading order.

/**
 * @typedef {{type: "text", text: string}
 *   | {type: "code", text: string}
 *   | {type: "break"}
 *   | {type: "cite", number: number}
 *   | {type: "emphasis" | "strong" | "strike", children: Inline[]}
 *   | {type: "link" | "image", address: string, title: string, children: Inline[]}} Inline
 *
 * @typedef {object} Event
 * @property {Inline} [node]
 * @property {import("./delimiters.js").Delimiter} [delimiter]
 * @property {string} [text] of a bracket that opened nothing
 * @property {Extract<Inline, {children: Inline[]}>} [opens]
 * @property {boolean} [closes]
 */

/**
 * @param {Event[]} events
 * @returns {Inline[]}
 */
export function treeOf(events) {
  /** @type {Inline[]} */
  const root = [];
  const open = [root];
  /** @param {Inline} node */
  const add = (node) => {
    const siblings = open[open.length - 1];
    const last = siblings.at(-1);
    if (node.type === "text" && last?.type === "text") last.text += node.text;
    else if (node.type !== "text" || node.text) siblings.push(node);
  };
  /** @param {Extract<Inline, {children: Inline[]}>} node */
  const enter = (node) => {
    add(node);
    open.push(node.children);
  };
  for (const { node, delimiter, text, opens, closes } of events) {
    if (node) add(node);
    else if (text) add({ type: "text", text });
    else if (opens) enter(opens);
    else if (closes) open.pop();
    else if (delimiter) {
      for (let i = 0; i < delimiter.closes; i += 1) open.pop();
      add({ type: "text", text: delimiter.character.repeat(delimiter.count) });
      for (const type of delimiter.opens) enter({ type, children: [] });
    }
  }
  return root;
}

/**
 * The text of some parts alone.
 * @param {Inline[]} inlines
 * @returns {string}
 */
export function plainText(inlines) {
  return inlines
    .map((inline) => {
      if ("children" in inline) return plainText(inline.children);
      return "text" in inline ? inline.text : inline.type === "break" ? "\n" : "";
    })
    .join("");
}
