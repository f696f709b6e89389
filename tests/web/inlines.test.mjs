// What answers have beyond CommonMark: markers, and text whose end is not there yet.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inlineHtml } from "./as_html.mjs";

const few = { isCitation: (number) => number <= 3 };

for (const [text, html] of [
  ["Two bar [1].", "Two bar <cite>1</cite>."],
  ["Both [1][2]", "Both <cite>1</cite><cite>2</cite>"],
  ["**bold [1]**", "<strong>bold <cite>1</cite></strong>"],
  ["`a[1]`", "<code>a[1]</code>"],
  ["\\[1]", "[1]"],
  ["[4] and [0001]", "[4] and [0001]"],
  ["[1](https://a.example)", '<a href="https://a.example">1</a>'],
]) {
  test(`a marker is one where it can be: ${text}`, () => assert.equal(inlineHtml(text, few), html));
}

test("without passages no number is a marker", () => assert.equal(inlineHtml("[1]"), "[1]"));

for (const [text, html] of [
  ["It is **very imp", "It is <strong>very imp</strong>"],
  ["*one **two", "<em>one <strong>two</strong></em>"],
  ["***both", "<strong><em>both</em></strong>"],
  ["~~gone", "<del>gone</del>"],
  ["run `make ru", "run <code>make ru</code>"],
  ["see [the page](https://a.exa", 'see <a href="">the page</a>'],
  ["2 * 3", "2 * 3"],
  ["snake_case", "snake_case"],
  ["**done** and *begun", "<strong>done</strong> and <em>begun</em>"],
]) {
  test(`what is begun is shown as if it were finished: ${text}`, () => {
    assert.equal(inlineHtml(text, { isOpen: true }), html);
  });
}

test("once all is there, nothing is guessed", () => {
  assert.equal(inlineHtml("It is **very imp"), "It is **very imp");
});

test("a line break may be a tag, and no other tag is one", () => {
  assert.equal(inlineHtml("a<br>b<BR />c<img src=x>"), "a<br />\nb<br />\nc&lt;img src=x&gt;");
});
