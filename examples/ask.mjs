// Asks the book with OpenAI's SDK for Node, and says where the answer stands.
//
//   npm install openai
//   node ask.mjs "What is an edition of a book?"

import OpenAI from "openai";

const client = new OpenAI({
  baseURL: process.env.OPENAI_BASE_URL ?? "http://127.0.0.1:8000/v1",
  apiKey: process.env.OPENAI_API_KEY ?? "none",
});
const question = process.argv.slice(2).join(" ") || "What is an edition of a book?";
const stream = client.chat.completions.stream({
  model: "gpt-4o",
  messages: [{ role: "user", content: question }],
});
stream.on("content", (piece) => process.stdout.write(piece));
const { choices: [{ message }] } = await stream.finalChatCompletion();
console.log("\n");
const sources = (message.annotations ?? []).map(({ url_citation: cited }) => `${cited.title}: ${cited.url}`);
console.log([...new Set(sources)].join("\n"));
