// A proxy on a real socket that answers as a test says, and remembers what it was asked.

import { once } from "node:events";
import { createServer } from "node:http";

/**
 * @param {import("node:test").TestContext} t ends it
 * @param {...((request: any, response: import("node:http").ServerResponse) => unknown)} replies
 *   one for each request, the last one for all that follow
 */
export async function scripted(t, ...replies) {
  const requests = [];
  const server = createServer(async (incoming, response) => {
    let body = "";
    for await (const piece of incoming) body += piece;
    const { method, url, headers } = incoming;
    const request = { method, url, headers, body: body && JSON.parse(body) };
    requests.push(request);
    await replies[Math.min(requests.length, replies.length) - 1](request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { base: `http://127.0.0.1:${server.address().port}`, requests };
}

export const json = (body, status = 200, headers = {}) => (_request, response) => {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
};

export const START = { type: "start", conversation_id: "conv_1", question_id: "q_1", message_id: "a_1" };
export const CITED = { type: "citations", citations: [{ index: 1, text: "Two bar.", source: "a.md",
  page_url: "https://b.example/a", title: "A", ends: [8], quotes: ["Two bar."], links: [null] }] };
export const DONE = { type: "done", conversation_id: "conv_1", question_id: "q_1", message_id: "a_1",
  model_used: "m", grounded: true, rag_status: "grounded", saved: true, finish_reason: "stop", nearby: [] };
export const said = (text) => ({ type: "delta", text });

/** A stream of events; a function among them is awaited, `null` breaks the connection. */
export const stream = (...events) => async (_request, response) => {
  response.writeHead(200, { "content-type": "text/event-stream", "x-rag-status": "grounded", "x-request-id": "req_1" });
  for (const event of events) {
    if (event === null) return response.socket.end();
    if (typeof event === "function") await event();
    else response.write(`data: ${JSON.stringify(event)}\n\n`);
  }
  return response.end();
};
