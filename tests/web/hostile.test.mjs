// Texts made to exhaust a parser are read in time that grows with their length.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBlocks } from "../../proxy/web/markdown/blocks.js";
import { htmlOf } from "./as_html.mjs";

const N = 20_000;
const HOSTILE = {
  "openers without end": "*a ".repeat(N),
  "delimiters that are both": "a**b".repeat(N),
  "underscores": "_a ".repeat(N) + "_ ".repeat(N),
  "brackets": "[".repeat(N) + "]".repeat(N),
  "links that never close": "[a](".repeat(N),
  "addresses that never close": "[a](<b".repeat(N / 4),
  "titles that never close": '[a](b "'.repeat(N / 4),
  "runs of backticks": Array.from({ length: 300 }, (_, i) => `${"`".repeat(i + 1)} `).join(""),
  "quotations in quotations": ">".repeat(N),
  "lists in lists": "- ".repeat(N),
  "lazy lines of quotations": "> a\nb\n".repeat(N / 4),
  "lazy lines of items": "- a\nb\n".repeat(N / 4),
  "rows without a table": "|a|b|\n".repeat(N / 4),
  "tables of a row": "|a\n|-\n".repeat(N / 4),
  "fences that never close": "```\n".repeat(N / 4) + "```",
  "headings of marks": `# ${"# ".repeat(N)}`,
  "blanks": `#${" ".repeat(N)}x`,
  "almost a rule": `${"* ".repeat(N)}a`,
  "almost a table": `|a|\n|${":-:|".repeat(N)}x`,
  "almost an address": `<${"a.".repeat(N)}@`,
};
const LIMIT_MS = 2_000;

for (const [name, text] of Object.entries(HOSTILE)) {
  test(name, () => {
    const started = performance.now();
    assert.ok(htmlOf(parseBlocks(text)).length > 0);
    assert.ok(performance.now() - started < LIMIT_MS);
  });
}

test("nothing of a text becomes a tag", () => {
  const html = htmlOf(parseBlocks('<script>x</script>\n\n<img src=x onerror="y">\n\n<!-- z -->'));
  assert.equal(html.match(/<(?!\/?p>)/g), null);
});
