// What the author's pages decide before anything is drawn.

import assert from "node:assert/strict";
import { test } from "node:test";

import { axisEnd } from "../../proxy/web/admin/chart.js";
import { weakest } from "../../proxy/web/admin/sections.js";
import { byDay } from "../../proxy/web/admin/usage.js";
import { createAuthorClient, TABLES } from "../../proxy/web/asking/author.js";

const section = (title, given, cited, disliked = 0) =>
  ({ book: "b", title, url: null, given, cited, liked: 0, disliked });

test("an axis ends above the most, in a round number whose half is whole", () => {
  for (let most = 0; most <= 5_000; most += 1) {
    const end = axisEnd(most);
    assert.ok(end >= most && Number.isInteger(end / 2), `${most} → ${end}`);
    assert.ok(most < 3 || end <= 2 * most, `${most} → ${end}`);
  }
  assert.deepEqual([0, 2, 3, 4, 7, 11, 1_147].map(axisEnd), [2, 2, 4, 4, 8, 20, 2_000]);
});

test("sections worth a look are disliked, or given often and cited seldom", () => {
  const found = weakest([
    section("good", 9, 8), section("once", 1, 0), section("idle", 5, 1), section("idler", 8, 0),
    section("disliked", 1, 1, 2),
  ]);
  assert.deepEqual(found.map(({ title }) => title), ["disliked", "idler", "idle"]);
});

test("use has every day of the period, those before it left out", () => {
  const used = (day, prompt) => ({ day, caller: "c", model: "m", requests: 1, prompt_tokens: prompt, completion_tokens: 1 });
  const now = Date.UTC(2026, 10, 20, 23, 59);
  const days = byDay([used("2026-11-20", 5), used("2026-11-20", 6), used("2026-11-17", 7)], 3, now);
  assert.deepEqual(days, [
    { day: "2026-11-18", values: { prompt_tokens: 0, completion_tokens: 0 } },
    { day: "2026-11-19", values: { prompt_tokens: 0, completion_tokens: 0 } },
    { day: "2026-11-20", values: { prompt_tokens: 11, completion_tokens: 2 } },
  ]);
});

test("an author is told apart by a key, and a file is asked for in its format", async () => {
  const asked = [];
  const client = createAuthorClient({
    token: () => "k",
    fetch: async (url, init) => {
      asked.push([url, init.method, init.headers.get("authorization")]);
      return new Response("[]");
    },
  });
  await client.file(TABLES.feedback(), "csv");
  await client.file(TABLES.questions(7, "no-match"), "json");
  await client.rollback("a/b").catch(() => null);
  assert.deepEqual(asked, [
    ["/api/insights/feedback?format=csv", "GET", "Bearer k"],
    ["/api/insights/questions?days=7&status=no-match&format=json", "GET", "Bearer k"],
    ["/api/content/books/a%2Fb/rollback", "POST", "Bearer k"],
  ]);
});
