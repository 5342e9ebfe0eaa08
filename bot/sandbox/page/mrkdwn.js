/**
 * Slack's mrkdwn, whole texts: fenced code, quotes, list-like lines, paragraphs.
 *
 * Every line is an element of its own with dir="auto", so a line in Arabic or Hebrew runs from the right beside one in
 * English. Slack's mrkdwn has no lists; lines that begin like one keep their marker and get a hanging indent.
 */
import { h } from "./dom.js";
import { decode, parseCode, parsePlain } from "./inline.js";
import { emoji, inline, paint } from "./mention.js";

const FENCE = /```([\s\S]+?)```/;
const QUOTE = /^(?:&gt;|>) ?/;
const QUOTE_REST = /^(?:&gt;|>){3} ?/;
const BULLET = /^(\s*)([•◦▪‣]|-|\d{1,3}[.)])(\s+)(?=\S)/u;

/** @param {string} text @param {object} store @returns {DocumentFragment} */
export function mrkdwn(text, store) {
  const out = document.createDocumentFragment();
  let rest = String(text ?? "");
  for (let fence = FENCE.exec(rest); fence; fence = FENCE.exec(rest)) {
    addLines(out, rest.slice(0, fence.index).replace(/\n$/, ""), store);
    out.append(preformatted(paint(parseCode(fence[1].replace(/^\n|\n$/g, "")), store)));
    rest = rest.slice(fence.index + fence[0].length).replace(/^\n/, "");
  }
  addLines(out, rest, store);
  return out;
}

export function preformatted(children) {
  return h("pre", { class: "pre", dir: "ltr", tabindex: "0" }, children);
}

function addLines(out, text, store) {
  if (!text) return;
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    if (QUOTE_REST.test(lines[at])) {
      const quoted = [lines[at].replace(QUOTE_REST, ""), ...lines.slice(at + 1)];
      out.append(h("blockquote", { class: "quote" }, quoted.map((line) => lineOf(line, store))));
      return;
    }
    if (QUOTE.test(lines[at])) {
      const from = at;
      while (at + 1 < lines.length && QUOTE.test(lines[at + 1])) at += 1;
      const quoted = lines.slice(from, at + 1).map((line) => lineOf(line.replace(QUOTE, ""), store));
      out.append(h("blockquote", { class: "quote" }, quoted));
    } else out.append(lineOf(lines[at], store));
  }
}

function lineOf(line, store) {
  if (!line.trim()) return h("div", { class: "line line-blank" }, "\u200b");
  const bullet = BULLET.exec(line);
  if (!bullet) return h("div", { class: "line", dir: "auto" }, inline(line, store));
  const level = Math.min(Math.floor(bullet[1].length / 2), 5);
  const rest = inline(line.slice(bullet[0].length), store);
  return h("div", { class: "line line-item", dir: "auto", style: { "--level": level } },
    h("span", { class: "marker" }, bullet[2] === "-" ? "–" : bullet[2]), h("span", { class: "item" }, rest));
}

/** plain_text and raw text: entities and, if wanted, emoji; no mark-up. */
export function plainText(text, { emojis = true } = {}) {
  const nodes = emojis ? parsePlain(String(text ?? "")) : [{ kind: "text", text: decode(String(text ?? "")) }];
  return h("span", { class: "plain", dir: "auto" }, nodes.map((node) => (node.kind === "emoji" ? emoji(node.name) : node.text)));
}

/** A text object of Block Kit, or a bare string. */
export function textObject(object, store) {
  if (object === null || object === undefined) return document.createTextNode("");
  if (typeof object === "string") return plainText(object);
  if (object.type === "mrkdwn") return mrkdwn(object.text, store);
  return plainText(object.text, { emojis: object.emoji !== false });
}

/** What a text object says as one plain string: for labels, tooltips and options. */
export function plainString(object) {
  const text = typeof object === "string" ? object : (object?.text ?? "");
  return decode(text);
}
