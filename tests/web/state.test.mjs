// A conversation's state, with the client that pages use and a proxy on a socket.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "../../proxy/web/asking/client.js";
import { ConversationState } from "../../proxy/web/conversation/state.js";
import { CITED, DONE, START, json, said, scripted, stream } from "./proxy.mjs";

async function conversation(t, ...replies) {
  const { base, requests } = await scripted(t, ...replies);
  return { state: new ConversationState(createClient({ base })), requests };
}

test("an answer grows, and everybody who listens hears of it", async (t) => {
  const { state } = await conversation(t, stream(START, said("Two "), said("bar [1]"), CITED, DONE));
  const heard = [];
  state.subscribe((change) => heard.push(change.kind));
  state.subscribe(({ kind }) => { if (kind === "turns") heard.push(state.isRunning); });
  await state.ask("Why?");
  assert.deepEqual(heard, ["turns", true, "turn", "text", "text", "turn"]);
  const [turn] = state.turns;
  assert.deepEqual([turn.status, turn.answer, turn.ragStatus, turn.citations.length], ["done", "Two bar [1]", "grounded", 1]);
  assert.deepEqual([state.id, state.isRunning], ["conv_1", false]);
});

test("what is asked again stands in for what was asked", async (t) => {
  const { state, requests } = await conversation(t, stream(START, said("a"), DONE));
  await state.ask("One?");
  await state.ask("Two?");
  await state.askAgain(state.turns[0].key, "Three?");
  assert.deepEqual(state.turns.map(({ question }) => question), ["Three?"]);
  assert.deepEqual(requests[2].body, { message: "Three?", conversation_id: "conv_1", replaces: "q_1" });
});

test("a question that never arrived is asked again in the same conversation", async (t) => {
  const { state, requests } = await conversation(t, json({ error: {} }, 503), stream(START, said("a"), DONE));
  await state.ask("One?");
  assert.deepEqual([state.turns[0].status, state.turns[0].failure.kind], ["failed", "busy"]);
  await state.askAgain(state.turns[0].key);
  assert.equal(requests[0].body.session_id, requests[1].body.session_id);
  assert.equal(requests[1].body.replaces, undefined);
  assert.equal(state.turns[0].status, "done");
});

test("a question that could not be kept is not asked for by its id", async (t) => {
  const { state, requests } = await conversation(t, stream(START, said("a"), { ...DONE, saved: false }));
  await state.ask("One?");
  await state.askAgain(state.turns[0].key);
  assert.equal(requests[1].body.replaces, undefined);
});

test("a conversation that is gone is begun anew", async (t) => {
  const gone = json({ error: { code: "conversation_not_found" } }, 404);
  const { state, requests } = await conversation(t, stream(START, DONE), gone, stream(START, DONE));
  await state.ask("One?");
  await state.ask("Two?");
  assert.equal(state.turns[1].failure.kind, "gone");
  await state.askAgain(state.turns[1].key);
  assert.equal(requests[2].body.conversation_id, undefined);
  assert.notEqual(requests[2].body.session_id, requests[0].body.session_id);
});

test("what was stopped stays as far as it came", async (t) => {
  const { state } = await conversation(t, stream(START, said("Two "), () => new Promise(() => {})));
  state.subscribe(({ kind }) => { if (kind === "text") state.stop(); });
  await state.ask("Why?");
  assert.deepEqual([state.turns[0].status, state.turns[0].answer, state.isRunning], ["stopped", "Two ", false]);
});

test("leaving a conversation ends what is being written in it", async (t) => {
  const { state } = await conversation(t, stream(START, said("x"), () => new Promise(() => {})), stream(START, said("y"), DONE));
  const left = new Promise((resolve) => {
    state.subscribe(({ kind }) => { if (kind === "text" && state.turns.length) resolve(state.reset()); });
  });
  const first = state.ask("One?");
  await left;
  await first;
  assert.deepEqual([state.turns, state.id, state.isRunning], [[], null, false]);
});

test("one question at a time", async (t) => {
  const { state, requests } = await conversation(t, stream(START, DONE));
  await Promise.all([state.ask("One?"), state.ask("Two?")]);
  assert.deepEqual([requests.length, state.turns.length], [1, 1]);
});

test("a conversation that was kept is shown as it went", async (t) => {
  const message = (id, role, content, more = {}) => ({ id, role, content, citations: [], status: "complete", model_used: null, ...more });
  const pages = [
    { has_more: true, messages: [message("q", "user", "Why?", { selected_text: "this", scope: "page" }),
      message("a", "assistant", "So.", { rag_status: "no-match", nearby: [{ title: "B", page_url: "" }] })] },
    { has_more: false, messages: [message("q2", "user", "And?"), message("a2", "assistant", "Half", { status: "interrupted" }),
      message("q3", "user", "Then?")] },
  ];
  const { state, requests } = await conversation(t, ...pages.map((page) => json(page)));
  await state.load("conv_7");
  assert.equal(requests[1].url, "/api/chat/history/conv_7?limit=100&after=a");
  assert.deepEqual(state.turns.map(({ question, answer, status }) => [question, answer, status]),
    [["Why?", "So.", "done"], ["And?", "Half", "stopped"], ["Then?", "", "stopped"]]);
  assert.deepEqual([state.turns[0].ragStatus, state.turns[0].nearby[0].title, state.turns[0].about],
    ["no-match", "B", { selectedText: "this", scope: "page" }]);
});
