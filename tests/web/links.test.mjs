// Addresses that an untrusted text may lead to.

import assert from "node:assert/strict";
import { test } from "node:test";
import { safeAddress } from "../../proxy/web/markdown/links.js";

for (const address of ["javascript:alert(1)", "JaVaScRiPt:x", "java\tscript:x", " javascript:x", "data:text/html,x",
  "vbscript:x", "file:///etc/passwd", "blob:x", "//", "/only/a/path", "#anchor", "", "https://bank.example@evil.example/"]) {
  test(`leads nowhere: ${JSON.stringify(address)}`, () => assert.equal(safeAddress(address), null));
}

test("leads where it says", () => {
  assert.equal(safeAddress("https://a.example/b?c#d"), "https://a.example/b?c#d");
  assert.equal(safeAddress("mailto:a@b.example"), "mailto:a@b.example");
});

test("counts from the page it stands on", () => {
  assert.equal(safeAddress("../b", "https://a.example/x/y"), "https://a.example/b");
  assert.equal(safeAddress("javascript:x", "https://a.example/"), null);
});
