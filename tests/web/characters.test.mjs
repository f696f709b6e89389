// What single characters stand for, and which are not shown as they are.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inOrder, inTheOpen, withoutEntities } from "../../proxy/web/markdown/characters.js";

test("references are the characters they stand for; others stay as they are", () => {
  assert.equal(withoutEntities("&lt;b&gt; &amp; &#x41;&#66; &hellip; &constructor; &nosuch;"), "<b> & AB … &constructor; &nosuch;");
  assert.equal(withoutEntities("&#0; &#xD800; &#x110000;"), "\ufffd \ufffd \ufffd");
});

test("prose keeps its order, code shows what it hides", () => {
  assert.equal(inOrder("pay\u202egnp.exe"), "paygnp.exe");
  assert.equal(inTheOpen("a\u202eb\u200bc"), "a⟦U+202E⟧b⟦U+200B⟧c");
});

test("marks that Arabic and Persian are written with stay", () => {
  assert.equal(inOrder("می\u200cروم\u200f"), "می\u200cروم\u200f");
});
