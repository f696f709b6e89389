// What single lines of Markdown are, and how far they are indented.

export const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))??(?:[ \t]+#+)?[ \t]*$/;
export const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
export const QUOTE = /^ {0,3}> ?/;
const FENCE = /^( {0,3})(`{3,}(?=[^`]*$)|~{3,})[ \t]*(.*?)[ \t]*$/;

/** @param {string} line */
export const isBlank = (line) => /^[ \t]*$/.test(line);

/**
 * The columns of white space that a line begins with.
 * @param {string} line
 */
export function indentOf(line) {
  let column = 0;
  for (const character of line) {
    if (character === " ") column += 1;
    else if (character === "\t") column += 4 - (column % 4);
    else break;
  }
  return column;
}

/**
 * The line with the tabs at its beginning, or behind its mark, as spaces.
 * @param {string} line
 */
export function withoutTabs(line) {
  if (!line.includes("\t")) return line;
  let column = 0;
  let out = "";
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at];
    if (character === "\t") {
      const width = 4 - (column % 4);
      out += " ".repeat(width);
      column += width;
    } else if (/[ >*+\-.)0-9]/.test(character)) {
      out += character;
      column += 1;
    } else return out + line.slice(at);
  }
  return out;
}

/**
 * The line without so many columns of white space, as far as it has them.
 * @param {string} line
 * @param {number} columns
 */
export function outdented(line, columns) {
  const indent = indentOf(line);
  const rest = line.replace(/^[ \t]+/, "");
  if (indent < columns) return rest;
  const kept = line.length - rest.length;
  const isSpaces = !line.slice(0, kept).includes("\t");
  return isSpaces ? line.slice(columns) : " ".repeat(indent - columns) + rest;
}

/**
 * The text of a block of code.
 * @param {string[]} lines
 */
export const codeOf = (lines) => lines.map((line) => `${line}\n`).join("");

/**
 * @param {string} line
 * @returns {{indent: number, info: string, isClosedBy: (line: string) => boolean} | null}
 */
export function fenceOf(line) {
  const found = FENCE.exec(line);
  if (!found) return null;
  const [, indent, run, info] = found;
  const closing = new RegExp(`^ {0,3}${run[0]}{${run.length},}[ \\t]*$`);
  return { indent: indent.length, info, isClosedBy: (other) => closing.test(other) };
}
