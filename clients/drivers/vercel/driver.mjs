// Drives Vercel's `ai` with `@ai-sdk/openai` (responses, its default, and `.chat()`) and with
// `@ai-sdk/openai-compatible`; which of the three is the first argument.

import assert from "node:assert/strict";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embedMany, generateObject, generateText, stepCountIs, streamObject, streamText, tool } from "ai";
import { z } from "zod";
import {
  baseURL, bookAnswer, bookQuestion, check, gauges, model as name, noPassage, pumpQuestion,
  picture, pictureAnswer, pictureQuestion, thought, twoToolsQuestion,
} from "./checks.mjs";

globalThis.AI_SDK_LOG_WARNINGS = false;

const openai = createOpenAI({ baseURL, apiKey: "none" });
const compatible = createOpenAICompatible({
  name: "book", baseURL, apiKey: "none", includeUsage: true, supportsStructuredOutputs: true,
});
const { model, embedding } = {
  responses: { model: openai(name), embedding: openai.embeddingModel },
  chat: { model: openai.chat(name), embedding: openai.embeddingModel },
  compatible: { model: compatible(name), embedding: compatible.embeddingModel },
}[process.argv[2]];
const tools = {
  read_gauge: tool({
    description: "Read a gauge.",
    inputSchema: z.object({ city: z.string() }),
    execute: ({ city }) => gauges[city],
  }),
};
const stopWhen = stepCountIs(4);
const schema = z.object({ name: z.string(), valves: z.array(z.object({ number: z.int() })) });
const once = { model, maxRetries: 0 };

await check("chat", async () => {
  const { text, finishReason, usage } = await generateText({ ...once, prompt: bookQuestion });
  assert.equal(text, bookAnswer);
  assert.equal(finishReason, "stop");
  assert.equal(usage.totalTokens, usage.inputTokens + usage.outputTokens);
  return "`generateText`";
});

await check("stream", async () => {
  const result = streamText({ ...once, prompt: bookQuestion, onError: () => {} });
  const pieces = [];
  for await (const part of result.fullStream) {
    if (part.type === "error") throw part.error;
    if (part.type === "text-delta") pieces.push(part.text);
  }
  assert.equal(pieces.join(""), bookAnswer);
  assert.ok(pieces.length > 1, "it came in one piece");
  assert.equal(await result.finishReason, "stop");
  assert.ok((await result.usage).totalTokens > 0);
  return "`streamText`";
});

await check("sources", async () => {
  const { sources } = await generateText({ ...once, prompt: bookQuestion });
  const streamed = await streamText({ ...once, prompt: bookQuestion }).sources;
  assert.ok(sources.length > 0, "no sources");
  assert.equal(streamed.length, sources.length, "no sources when streaming");
  const url = sources.find((one) => one.sourceType === "url")?.url;
  assert.ok(url?.startsWith("https://pumps.example/docs/starting#"), url);
  return `\`sources\`: ${[...new Set(sources.map((one) => one.sourceType))].sort().join(", ")}`;
});

await check("retrieval options", async () => {
  const headers = { "x-rag-enabled": "false" };
  const { text } = await generateText({ ...once, prompt: bookQuestion, headers });
  assert.equal(text, noPassage);
  return "`headers`: `x-rag-…`";
});

if (process.argv[2] !== "chat") {
  await check("reasoning", async () => {
    const providerOptions = {
      book: { reasoningEffort: "low" },
      openai: { reasoningEffort: "low", reasoningSummary: "auto", forceReasoning: true },
    };
    const asked = { ...once, prompt: bookQuestion, providerOptions };
    const { reasoningText, text } = await generateText(asked);
    assert.equal(text, bookAnswer);
    assert.equal(reasoningText, thought);
    const streamed = streamText({ ...asked, onError: () => {} });
    for await (const part of streamed.fullStream) if (part.type === "error") throw part.error;
    assert.equal(await streamed.reasoningText, thought);
    return "`reasoningText`, whole and streamed";
  });
}

await check("pictures", async () => {
  const content = [{ type: "text", text: pictureQuestion }, { type: "image", image: picture }];
  const { text } = await generateText({ ...once, messages: [{ role: "user", content }] });
  assert.equal(text, pictureAnswer);
  return "an `image` part";
});

await check("parallel tools", async () => {
  const { text, steps } = await generateText({ ...once, prompt: twoToolsQuestion, tools, stopWhen });
  assert.equal(steps.length, 2);
  assert.equal(steps[0].toolCalls.length, 2);
  for (const reading of Object.values(gauges)) assert.ok(text.includes(reading), text);
  return "`generateText`, two calls in one step";
});

await check("tools, streamed", async () => {
  const result = streamText({ ...once, prompt: twoToolsQuestion, tools, stopWhen, onError: () => {} });
  for await (const part of result.fullStream) if (part.type === "error") throw part.error;
  const text = await result.text;
  for (const reading of Object.values(gauges)) assert.ok(text.includes(reading), text);
  return "`streamText`";
});

await check("structured output", async () => {
  const { object } = await generateObject({ ...once, schema, prompt: pumpQuestion });
  assert.equal(object.valves[0].number, 3);
  return "`generateObject` with zod";
});

await check("structured output, streamed", async () => {
  let failure;
  const result = streamObject({
    ...once, schema, prompt: pumpQuestion, onError: ({ error }) => { failure = error; },
  });
  let last;
  for await (const partial of result.partialObjectStream) last = partial;
  if (failure) throw failure;
  assert.equal(last.valves[0].number, 3);
  return "`streamObject`";
});

await check("embeddings", async () => {
  const values = ["the brass lever", "a valve"];
  const found = await embedMany({ model: embedding("text-embedding-3-small"), values, maxRetries: 0 });
  assert.equal(found.embeddings.length, 2);
  assert.ok(found.embeddings[0].length > 0);
  return "`embedMany`";
});
