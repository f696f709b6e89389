// What is sent to the proxy, and what becomes of each of its answers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "../../proxy/web/asking/client.js";
import { CITED, DONE, START, json, said, scripted, stream } from "./proxy.mjs";

const kept = () => {
  const items = new Map();
  return { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => items.set(key, value) };
};
const answer = (client, question = { message: "Why?" }, signal) => Array.fromAsync(client.ask(question, signal));

test("an answer comes as what it is made of", async (t) => {
  const { base, requests } = await scripted(t, stream(START, said("Two "), { type: "new" }, said("bar [1]"), CITED, DONE));
  const events = await answer(createClient({ base }), { message: "Why?", newConversation: "n", scope: "page", page: "/a" });
  assert.deepEqual(events.map(({ type }) => type), ["start", "delta", "delta", "citations", "done"]);
  assert.deepEqual(events[0], { type: "start", conversationId: "conv_1", questionId: "q_1", answerId: "a_1", ragStatus: "grounded" });
  assert.equal(events[3].citations[0].quotes[0], "Two bar.");
  assert.deepEqual(requests[0].body, { message: "Why?", session_id: "n", page_context: "/a", scope: "page" });
});

test("a conversation goes on by its id alone", async (t) => {
  const { base, requests } = await scripted(t, stream(START, DONE));
  await answer(createClient({ base }), { message: "And?", conversationId: "conv_1", newConversation: "n", replaces: "q_1" });
  assert.deepEqual(requests[0].body, { message: "And?", conversation_id: "conv_1", replaces: "q_1" });
});

test("a token is asked for each time and goes before an anonymous id", async (t) => {
  const { base, requests } = await scripted(t, json({}, 200, { "x-anonymous-id": "anon_1" }), json({}));
  const storage = kept();
  let token = null;
  const client = createClient({ base, storage, token: async () => token });
  await client.config();
  await client.config();
  token = "secret";
  await client.config();
  const sent = requests.map(({ headers }) => [headers.authorization, headers["x-anonymous-id"]]);
  assert.deepEqual(sent, [[undefined, undefined], [undefined, "anon_1"], ["Bearer secret", undefined]]);
});

for (const [status, error, kind, isPassing] of [
  [401, { code: "invalid_api_key" }, "sign_in", false],
  [403, {}, "forbidden", false],
  [404, { code: "conversation_not_found" }, "gone", true],
  [404, { code: "book_not_found" }, "refused", false],
  [400, { code: "string_too_long" }, "too_long", false],
  [400, {}, "refused", false],
  [429, {}, "too_often", true],
  [503, {}, "busy", true],
  [502, {}, "upstream", true],
  [500, {}, "server", true],
]) {
  test(`${status} ${error.code ?? ""} is "${kind}"`, async (t) => {
    const headers = { "retry-after": "7", "x-request-id": "req_9" };
    const { base } = await scripted(t, json({ error: { message: "m", ...error } }, status, headers));
    const { kind: found, ...failure } = await answer(createClient({ base })).catch((one) => one);
    assert.equal(found, kind);
    assert.deepEqual([failure.retryAfterSeconds, failure.requestId], [7, "req_9"]);
    assert.equal((await answer(createClient({ base })).catch((one) => one)).isPassing, isPassing);
  });
}

for (const [name, reply, kind] of [
  ["a page instead of JSON", (_request, response) => response.writeHead(502).end("<html>"), "upstream"],
  ["a stream that breaks", stream(START, said("x"), null), "cut_off"],
  ["a stream that just ends", stream(START, said("x")), "cut_off"],
  ["an upstream that fails", stream(START, { type: "error", error: { type: "server_error", code: "upstream_error" } }), "upstream"],
  ["a limit in mid-stream", stream(START, { type: "error", error: { type: "rate_limit_error", code: "x" } }), "too_often"],
]) {
  test(`${name} is "${kind}"`, async (t) => {
    const { base } = await scripted(t, reply);
    await assert.rejects(answer(createClient({ base })), { kind });
  });
}

test("a server that is not there", async () => {
  await assert.rejects(createClient({ base: "http://127.0.0.1:1" }).config(), { kind: "offline" });
});

test("who stops is told so, not that it failed", async (t) => {
  const stop = new AbortController();
  const { base } = await scripted(t, stream(START, () => { stop.abort(); return new Promise(() => {}); }));
  await assert.rejects(answer(createClient({ base }), undefined, stop.signal), { name: "AbortError" });
});

test("ids stand in addresses as what they are", async (t) => {
  const { base, requests } = await scripted(t, json({ messages: [] }));
  await createClient({ base }).history("../a b", { after: "m&1", limit: 5 });
  assert.equal(requests[0].url, "/api/chat/history/..%2Fa%20b?after=m%261&limit=5");
});
