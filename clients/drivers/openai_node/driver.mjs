// Drives `openai` for Node: both endpoints, helpers, tools, structured output, embeddings.

import assert from "node:assert/strict";
import OpenAI from "openai";
import {
  bookAnswer, bookQuestion, check, gauges, model, noPassage, pumpQuestion, toolQuestion, twoToolsQuestion,
} from "./checks.mjs";

const client = new OpenAI({ maxRetries: 0 });
const ask = [{ role: "user", content: bookQuestion }];
const parameters = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
const gauge = { type: "function", function: { name: "read_gauge", parameters } };
const pumpSchema = {
  type: "object",
  properties: { name: { type: "string" }, valves: { type: "integer" } },
  required: ["name", "valves"],
  additionalProperties: false,
};

await check("chat", async () => {
  const completion = await client.chat.completions.create({ model, messages: ask });
  assert.equal(completion.choices[0].message.content, bookAnswer);
  assert.equal(completion.choices[0].finish_reason, "stop");
  return "`create`";
});

await check("sources", async () => {
  const { choices } = await client.chat.completions.create({ model, messages: ask });
  const [{ url_citation: citation }] = choices[0].message.annotations;
  assert.ok(citation.url.startsWith("https://pumps.example/docs/starting#"), citation.url);
  assert.equal(choices[0].message.content.slice(citation.start_index, citation.end_index), "[1]");
  return "`message.annotations`";
});

await check("retrieval options", async () => {
  const completion = await client.chat.completions.create({
    model, messages: ask, rag: { enabled: false },
  });
  assert.equal(completion.choices[0].message.content, noPassage);
  return "a further property `rag`";
});

await check("stream", async () => {
  const stream = await client.chat.completions.create({
    model, messages: ask, stream: true, stream_options: { include_usage: true },
  });
  const pieces = [];
  let usage = 0;
  for await (const chunk of stream) {
    const piece = chunk.choices[0]?.delta?.content;
    if (piece) pieces.push(piece);
    if (chunk.usage) usage += 1;
  }
  assert.equal(pieces.join(""), bookAnswer);
  assert.ok(pieces.length > 1, "it came in one piece");
  assert.equal(usage, 1);
  return "`stream: true` with usage";
});

await check("stream, helper", async () => {
  const stream = client.chat.completions.stream({ model, messages: ask });
  const completion = await stream.finalChatCompletion();
  assert.equal(completion.choices[0].message.content, bookAnswer);
  assert.equal(completion.choices[0].message.role, "assistant");
  return "`.stream()`";
});

async function toolLoop(question) {
  const messages = [{ role: "user", content: question }];
  const first = await client.chat.completions.create({ model, messages, tools: [gauge] });
  assert.equal(first.choices[0].finish_reason, "tool_calls");
  const { message } = first.choices[0];
  messages.push(message);
  for (const call of message.tool_calls) {
    const { city } = JSON.parse(call.function.arguments);
    messages.push({ role: "tool", tool_call_id: call.id, content: gauges[city] });
  }
  const last = await client.chat.completions.create({ model, messages, tools: [gauge] });
  return [message.tool_calls.length, last.choices[0].message.content];
}

await check("tools", async () => {
  const [calls, answer] = await toolLoop(toolQuestion);
  assert.equal(calls, 1);
  assert.equal(answer, `The gauges read ${gauges.Lahore}.`);
  return "a loop by hand";
});

await check("parallel tools", async () => {
  const [calls, answer] = await toolLoop(twoToolsQuestion);
  assert.equal(calls, 2);
  for (const reading of Object.values(gauges)) assert.ok(answer.includes(reading), answer);
  return "two calls in one turn";
});

await check("tools, streamed", async () => {
  const runner = client.chat.completions.runTools({
    model,
    stream: true,
    messages: [{ role: "user", content: twoToolsQuestion }],
    tools: [{
      type: "function",
      function: {
        name: "read_gauge", description: "Read a gauge.", parameters,
        parse: JSON.parse, function: ({ city }) => gauges[city],
      },
    }],
  });
  const answer = await runner.finalContent();
  for (const reading of Object.values(gauges)) assert.ok(answer.includes(reading), answer);
  return "`runTools`";
});

await check("structured output", async () => {
  const completion = await client.chat.completions.parse({
    model,
    messages: [{ role: "user", content: pumpQuestion }],
    response_format: {
      type: "json_schema", json_schema: { name: "pump", strict: true, schema: pumpSchema },
    },
  });
  assert.equal(JSON.parse(completion.choices[0].message.content).valves, 3);
  return "`parse`";
});

await check("embeddings", async () => {
  const input = ["the brass lever", "a valve"];
  const name = "text-embedding-3-small";
  const packed = await client.embeddings.create({ model: name, input });
  const plain = await client.embeddings.create({ model: name, input, encoding_format: "float" });
  for (const [at, { embedding }] of plain.data.entries()) {
    assert.ok(embedding.length > 0);
    assert.equal(packed.data[at].embedding.length, embedding.length);
    for (const [n, value] of embedding.entries()) {
      assert.ok(Math.abs(packed.data[at].embedding[n] - value) < 1e-5);
    }
  }
  return "base64, its default, and `float`";
});

await check("models", async () => {
  const names = [];
  for await (const one of client.models.list()) names.push(one.id);
  assert.ok(names.some((name) => name.startsWith("gemini-")), names.join());
  return "list";
});

await check("errors", async () => {
  await assert.rejects(
    client.chat.completions.create({ model: "no-such-model", messages: ask }),
    (error) => error instanceof OpenAI.NotFoundError && error.code === "model_not_found",
  );
  return "`NotFoundError` with its code";
});

await check("responses", async () => {
  const response = await client.responses.create({ model, input: bookQuestion });
  assert.equal(response.status, "completed");
  assert.equal(response.output_text, bookAnswer);
  const { annotations } = response.output.at(-1).content[0];
  assert.ok(annotations.length > 0, "no annotations");
  return `annotations: ${[...new Set(annotations.map((one) => one.type))].sort().join(", ")}`;
});

await check("responses, streamed", async () => {
  const stream = client.responses.stream({ model, input: bookQuestion });
  let pieces = "";
  stream.on("response.output_text.delta", (event) => { pieces += event.delta; });
  const response = await stream.finalResponse();
  assert.equal(response.output_text, bookAnswer);
  assert.equal(pieces, bookAnswer);
  return "`.stream()`";
});

await check("responses, tools", async () => {
  const tools = [{ type: "function", name: "read_gauge", parameters, strict: true }];
  const input = [{ role: "user", content: twoToolsQuestion }];
  const first = await client.responses.create({ model, input, tools });
  const calls = first.output.filter((item) => item.type === "function_call");
  assert.equal(calls.length, 2);
  input.push(...first.output);
  for (const call of calls) {
    const output = gauges[JSON.parse(call.arguments).city];
    input.push({ type: "function_call_output", call_id: call.call_id, output });
  }
  const { output_text: answer } = await client.responses.create({ model, input, tools });
  for (const reading of Object.values(gauges)) assert.ok(answer.includes(reading), answer);
  return "a loop by hand";
});

await check("responses, structured output", async () => {
  const response = await client.responses.parse({
    model,
    input: pumpQuestion,
    text: { format: { type: "json_schema", name: "pump", strict: true, schema: pumpSchema } },
  });
  assert.equal(response.output_parsed.valves, 3);
  return "`parse`";
});
