// Rows of GitHub's tables.

const DELIMITER = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;
const MAX_COLUMNS = 128;

/**
 * The cells of a row; `\|` is no border.
 * @param {string} line
 */
export function cellsOf(line) {
  const inner = line.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

/**
 * What two lines begin as a table.
 * @param {string} head
 * @param {string | undefined} delimiter
 * @returns {{head: string[], align: ("" | "left" | "right" | "center")[]} | null}
 */
export function columnsOf(head, delimiter) {
  if (delimiter === undefined || !head.includes("|") || !DELIMITER.test(delimiter)) return null;
  const cells = cellsOf(head);
  const marks = cellsOf(delimiter);
  if (cells.length !== marks.length || cells.length > MAX_COLUMNS) return null;
  const align = marks.map((mark) => {
    const [left, right] = [mark.startsWith(":"), mark.endsWith(":")];
    return left && right ? "center" : left ? "left" : right ? "right" : "";
  });
  return { head: cells, align };
}
