// What answers use of Markdown reads as CommonMark says: every example of its specification, but
// those of what our pages leave out on purpose.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { parseBlocks } from "../../proxy/web/markdown/blocks.js";
import { htmlOf } from "./as_html.mjs";

const { tests: examples } = createRequire(`${process.env.WEB_PACKAGES}/`)("commonmark-spec");

const OTHER_SECTIONS = new Set(["HTML blocks", "Raw HTML", "Link reference definitions"]);
const HAS_DEFINITION = /^[ >\-*0-9.]*\[[^\]]+\]:/m;
const HAS_TAG = /<(?:\/?[a-z][^:@>]*|!--.*?--)>/is;
const RARE_ENTITY = "&ClockwiseContourIntegral;";

/** @param {{section: string, markdown: string}} example */
const isOurs = ({ section, markdown }) =>
  !OTHER_SECTIONS.has(section) && !HAS_DEFINITION.test(markdown) && !HAS_TAG.test(markdown)
  && !markdown.includes(RARE_ENTITY);

const ours = examples.filter(isOurs);

test("nearly all of the examples are about what answers use", () => {
  assert.ok(ours.length > 470, `${ours.length} of ${examples.length}`);
});

for (const { number, section, markdown, html } of ours) {
  test(`${section}, example ${number}`, () => {
    const text = markdown.replaceAll("→", "\t");
    assert.equal(htmlOf(parseBlocks(text)), html.replaceAll("→", "\t").trim());
  });
}
