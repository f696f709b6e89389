// A stream of events is read whatever its pieces are.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventsOf } from "../../proxy/web/asking/sse.js";

const EVENTS = 'data: {"a":"é€😀"}\n\n: keep-alive\n\ndata: one\ndata: two\n\nid: 7\ndata:bare\r\n\r\ndata: [DONE]\n\n';
const DATA = ['{"a":"é€😀"}', "one\ntwo", "bare", "[DONE]"];

function body(text, size) {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
}

for (const size of [1, 2, 3, 5, 7, 1_000]) {
  test(`in pieces of ${size} bytes`, async () => {
    assert.deepEqual(await Array.fromAsync(eventsOf(body(EVENTS, size))), DATA);
  });
}

test("an event that was not finished is none", async () => {
  assert.deepEqual(await Array.fromAsync(eventsOf(body("data: a\n\ndata: b", 4))), ["a"]);
});

test("who stops reading lets go of the connection", async () => {
  let isCancelled = false;
  const endless = new ReadableStream({
    pull(controller) { controller.enqueue(new TextEncoder().encode("data: x\n\n")); },
    cancel() { isCancelled = true; },
  });
  for await (const event of eventsOf(endless)) {
    assert.equal(event, "x");
    break;
  }
  assert.equal(isCancelled, true);
});
