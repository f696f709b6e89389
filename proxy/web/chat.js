// The first chat page: asks, streams, shows the sources. Text is only ever set as text.
"use strict";

const byId = (id) => document.getElementById(id);
const conversation = byId("conversation");
const messages = [];
let running = null;

// Kept for this tab only.
const call = (path, options = {}) => {
  const key = sessionStorage.getItem("key");
  const headers = { ...options.headers, ...(key ? { authorization: `Bearer ${key}` } : {}) };
  return fetch(path, { ...options, headers });
};

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function addTurn(className, text = "") {
  const turn = element("section", `turn ${className}`);
  const body = element("div", "text", text);
  body.dir = "auto";
  turn.append(body);
  conversation.append(turn);
  window.scrollTo(0, document.documentElement.scrollHeight);
  return { turn, body };
}

// Runs `change`, and follows the text as long as the reader has not scrolled away from its end.
function following(change) {
  const page = document.documentElement;
  const wasAtEnd = page.scrollHeight - page.clientHeight - window.scrollY < 48;
  change();
  if (wasAtEnd) window.scrollTo(0, page.scrollHeight);
}

// Only links a browser opens without running anything.
function safeUrl(url) {
  try {
    const parsed = new URL(url, location.href);
    return ["http:", "https:"].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

function link(text, url, className) {
  const node = element("a", className, text);
  const href = safeUrl(url);
  if (href) {
    node.href = href;
    node.target = "_blank";
    node.rel = "noopener noreferrer";
  }
  return node;
}

// Offsets of annotations count code points, JavaScript's strings count UTF-16 units.
function showMarkers(body, text, annotations) {
  const points = Array.from(text);
  const nodes = [];
  let at = 0;
  for (const { url_citation: cited } of annotations) {
    nodes.push(points.slice(at, cited.start_index).join(""));
    const marker = points.slice(cited.start_index, cited.end_index).join("");
    const anchor = link(marker, cited.url, "marker");
    anchor.title = cited.title;
    nodes.push(anchor);
    at = cited.end_index;
  }
  nodes.push(points.slice(at).join(""));
  body.replaceChildren(...nodes);
}

function showSources(turn, text, annotations, context) {
  const used = new Set(Array.from(text.matchAll(/\[(\d+)\]/g), (match) => Number(match[1])));
  if (!annotations.length) return;
  const list = element("ol", "sources");
  context.citations.forEach((citation, i) => {
    if (!used.has(i + 1)) return;
    const item = element("li");
    item.value = i + 1;
    const details = element("details");
    details.append(element("summary", "", "passage"), element("pre", "", citation.content));
    item.append(link(citation.title, citation.url), details);
    list.append(item);
  });
  turn.append(list);
}

async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error("The connection broke off.");
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      if (part === "data: [DONE]") return;
      if (part.startsWith("data: ")) yield JSON.parse(part.slice(6));
    }
  }
}

async function failure(response) {
  try {
    return (await response.json()).error.message;
  } catch {
    return `The server answered with status ${response.status}.`;
  }
}

async function answer(question) {
  addTurn("reader", question);
  messages.push({ role: "user", content: question });
  const { turn, body } = addTurn("book");
  body.textContent = "…";
  let text = "";
  running = new AbortController();
  try {
    const response = await call("/v1/chat/completions", {
      method: "POST",
      signal: running.signal,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: byId("model").value, messages, stream: true }),
    });
    if (!response.ok) throw new Error(await failure(response));
    for await (const event of events(response)) {
      if (event.error) throw new Error(event.error.message);
      const delta = event.choices[0]?.delta ?? {};
      if (delta.content) {
        text += delta.content;
        following(() => { body.textContent = text; });
      }
      if (delta.annotations) {
        following(() => {
          showMarkers(body, text, delta.annotations);
          showSources(turn, text, delta.annotations, delta.context);
        });
      }
    }
    messages.push({ role: "assistant", content: text });
  } catch (error) {
    const stopped = error.name === "AbortError";
    if (!text) body.textContent = "";
    turn.classList.toggle("failed", !stopped);
    turn.append(element("p", "status", stopped ? "Stopped." : error.message));
    if (text) messages.push({ role: "assistant", content: text });
    else messages.pop();
  } finally {
    running = null;
  }
}

async function loadModels() {
  const response = await call("/v1/models");
  byId("sign-in").hidden = response.status !== 401;
  if (!response.ok) throw new Error(await failure(response));
  byId("notice").hidden = true;
  const { data } = await response.json();
  byId("model").replaceChildren();
  for (const model of data.filter(({ id }) => !id.includes("embedding") && !id.includes("minilm"))) {
    byId("model").append(element("option", "", model.id));
  }
  const notice = data.find(({ description }) => description);
  if (notice) {
    byId("notice").textContent = notice.description;
    byId("notice").hidden = false;
  }
}

byId("ask").addEventListener("submit", async (event) => {
  event.preventDefault();
  const question = byId("question").value.trim();
  if (!question || running) return;
  byId("question").value = "";
  byId("send").hidden = true;
  byId("stop").hidden = false;
  await answer(question);
  byId("send").hidden = false;
  byId("stop").hidden = true;
  byId("question").focus();
});
byId("stop").addEventListener("click", () => running?.abort());
byId("question").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    byId("ask").requestSubmit();
  }
});
byId("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("key", byId("key").value.trim());
  start();
});

function start() {
  loadModels().catch((error) => {
    byId("notice").textContent = error.message;
    byId("notice").hidden = false;
  });
}
start();
