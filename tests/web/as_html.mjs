// What was read of a Markdown text as the HTML of CommonMark's examples.

import { plainText } from "../../proxy/web/markdown/inline_tree.js";
import { parseInlines } from "../../proxy/web/markdown/inlines.js";

const escaped = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const address = (url) => escaped(encodeURI(url).replace(/%25([0-9a-fA-F]{2})/g, "%$1"))
  .replace(/\[/g, "%5B").replace(/\]/g, "%5D");

const title = (text) => (text ? ` title="${escaped(text)}"` : "");

const TAGS = { emphasis: "em", strong: "strong", strike: "del" };

function inline(node) {
  switch (node.type) {
    case "text": return escaped(node.text);
    case "code": return `<code>${escaped(node.text)}</code>`;
    case "break": return "<br />\n";
    case "cite": return `<cite>${node.number}</cite>`;
    case "link": return `<a href="${address(node.address)}"${title(node.title)}>${inlinesOf(node.children)}</a>`;
    case "image": {
      const alt = escaped(plainText(node.children));
      return `<img src="${address(node.address)}" alt="${alt}"${title(node.title)} />`;
    }
    default: return `<${TAGS[node.type]}>${inlinesOf(node.children)}</${TAGS[node.type]}>`;
  }
}

const inlinesOf = (nodes) => nodes.map(inline).join("");

/** The HTML of one run of text. */
export const inlineHtml = (text, options) => inlinesOf(parseInlines(text, options));

function list({ start, isTight, items }) {
  const tag = start === null ? "ul" : "ol";
  const from = start === null || start === 1 ? "" : ` start="${start}"`;
  const shown = items.map((blocks) => `<li>${item(blocks, isTight)}</li>\n`);
  return `<${tag}${from}>\n${shown.join("")}</${tag}>\n`;
}

const item = (blocks, isTight) => blocks
  .map((block, i) => (isTight && block.type === "paragraph"
    ? inlineHtml(block.text) + (i < blocks.length - 1 ? "\n" : "")
    : (i === 0 ? "\n" : "") + blockHtml(block)))
  .join("");

function blockHtml(block) {
  switch (block.type) {
    case "paragraph": return `<p>${inlineHtml(block.text)}</p>\n`;
    case "heading": return `<h${block.level}>${inlineHtml(block.text)}</h${block.level}>\n`;
    case "rule": return "<hr />\n";
    case "quote": return `<blockquote>\n${block.blocks.map(blockHtml).join("")}</blockquote>\n`;
    case "code": {
      const language = block.language ? ` class="language-${escaped(block.language)}"` : "";
      return `<pre><code${language}>${escaped(block.text)}</code></pre>\n`;
    }
    case "list": return list(block);
    default: return `<table>${block.rows.map((row) => row.join("|")).join("/")}</table>\n`;
  }
}

/** The HTML of a whole text. */
export const htmlOf = (blocks) => blocks.map(({ block }) => blockHtml(block)).join("").trim();
