/**
 * The `markdown` block speaks ordinary Markdown, not mrkdwn: headings, **bold**, lists, tables, links, code.
 *
 * A small reader for what people and models write in messages; what it does not know stays visible as text. As
 * everywhere, no HTML is interpreted.
 */
import { h } from "./dom.js";
import { emojiOf } from "./emoji.js";
import { emoji, link } from "./mention.js";
import { preformatted } from "./mrkdwn.js";

const INLINE = [
  [/^`([^`]+)`/, (m) => h("code", { class: "code", dir: "ltr" }, m[1])],
  [/^!\[([^\]]*)\]\(([^)\s]+)\)/, (m) => link(m[2], m[1] || m[2])],
  [/^\[([^\]]+)\]\(([^)\s]+)(?:\s+"[^"]*")?\)/, (m) => link(m[2], inlineMarkdown(m[1]))],
  [/^(\*\*|__)(?=\S)([\s\S]*?\S)\1/, (m) => h("strong", {}, inlineMarkdown(m[2]))],
  [/^~~(?=\S)([\s\S]*?\S)~~/, (m) => h("s", {}, inlineMarkdown(m[1]))],
  [/^\*(?=[^\s*])([\s\S]*?[^\s*])\*(?!\*)/, (m) => h("em", {}, inlineMarkdown(m[1]))],
  [/^_(?=[^\s_])([\s\S]*?[^\s_])_(?![\p{L}\p{N}])/u, (m) => h("em", {}, inlineMarkdown(m[1]))],
  [/^<(https?:\/\/[^>\s]+)>/, (m) => link(m[1], m[1])],
  [/^https?:\/\/[^\s<>)]+/, (m) => link(m[0], m[0])],
  [/^:([a-z0-9_+'-]+):/, (m) => (emojiOf(m[1]) === null ? null : emoji(m[1]))],
  [/^\\([\\`*_{}[\]()#+\-.!~|>])/, (m) => document.createTextNode(m[1])],
];

/** @returns {Array<Node|string>} */
export function inlineMarkdown(text) {
  const out = [];
  let plain = "";
  for (let at = 0; at < text.length; ) {
    const found = firstMatch(text, at);
    if (found) {
      if (plain) out.push(plain);
      plain = "";
      out.push(found.node);
      at += found.length;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  return plain ? [...out, plain] : out;
}

function firstMatch(text, at) {
  if (/[\p{L}\p{N}]/u.test(text[at - 1] ?? " ") && /[_h]/.test(text[at])) return null;
  if (!/[`!\[*_~<h:\\]/.test(text[at])) return null;
  const rest = text.slice(at);
  for (const [pattern, make] of INLINE) {
    const match = pattern.exec(rest);
    const node = match && make(match);
    if (node) return { node, length: match[0].length };
  }
  return null;
}

const STARTS = [
  [/^```/, fence],
  [/^(#{1,6})\s+\S/, heading],
  [/^\s*([-*_])(\s*\1){2,}\s*$/, rule],
  [/^>/, quote],
  [/^\s*([-*+]|\d{1,4}[.)])\s+\S/, list],
  [/^\s*\|.*\|\s*$/, table],
];

/** @param {string} text @returns {DocumentFragment} */
export function markdown(text) {
  const lines = String(text ?? "").split("\n");
  const out = document.createDocumentFragment();
  while (lines.length) {
    const start = STARTS.find(([pattern]) => pattern.test(lines[0]));
    if (!lines[0].trim()) lines.shift();
    else out.append(start ? start[1](lines) : paragraph(lines));
  }
  return out;
}

function takeWhile(lines, wanted) {
  const taken = [];
  while (lines.length && wanted(lines[0])) taken.push(lines.shift());
  return taken;
}

function paragraph(lines) {
  const own = [lines.shift(), ...takeWhile(lines, (line) => line.trim() && !STARTS.some(([pattern]) => pattern.test(line)))];
  return h("p", { class: "md-p", dir: "auto" }, inlineMarkdown(own.join("\n")));
}

function heading(lines) {
  const [, marks, words] = /^(#{1,6})\s+(.*?)\s*#*$/.exec(lines.shift());
  return h("div", { class: `md-h md-h${marks.length}`, role: "heading", "aria-level": marks.length, dir: "auto" },
    inlineMarkdown(words));
}

function rule(lines) {
  lines.shift();
  return h("hr", { class: "divider" });
}

function fence(lines) {
  lines.shift();
  const body = takeWhile(lines, (line) => !line.startsWith("```"));
  lines.shift();
  return preformatted(body.join("\n"));
}

function quote(lines) {
  const body = takeWhile(lines, (line) => line.startsWith(">")).map((line) => line.replace(/^> ?/, ""));
  return h("blockquote", { class: "quote" }, markdown(body.join("\n")));
}

function list(lines) {
  const rows = takeWhile(lines, (line) => /^\s*([-*+]|\d{1,4}[.)])\s+\S/.test(line) || /^\s{2,}\S/.test(line));
  return h("div", { class: "md-list", role: "list" }, rows.map(listRow));
}

function listRow(row) {
  const [, blanks, marker, words] = /^(\s*)([-*+]|\d{1,4}[.)])?\s*(.*)$/.exec(row);
  const shown = !marker ? "" : /\d/.test(marker) ? marker : "•";
  const task = /^\[([ xX])\]\s+/.exec(words);
  const text = task ? words.slice(task[0].length) : words;
  return h("div", { class: "line line-item", role: "listitem", dir: "auto", style: { "--level": Math.floor(blanks.length / 2) } },
    h("span", { class: "marker" }, task ? (task[1] === " " ? "☐" : "☑") : shown),
    h("span", { class: "item" }, inlineMarkdown(text)));
}

function cells(line) {
  return line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim());
}

function table(lines) {
  const rows = takeWhile(lines, (line) => /^\s*\|.*\|\s*$/.test(line)).map(cells);
  const ruled = rows[1]?.every((cell) => /^:?-+:?$/.test(cell));
  const head = ruled ? rows[0] : null;
  const body = ruled ? rows.slice(2) : rows;
  return h("div", { class: "table-scroll", tabindex: "0" }, h("table", { class: "table" },
    head && h("thead", {}, h("tr", {}, head.map((cell) => h("th", { scope: "col", dir: "auto" }, inlineMarkdown(cell))))),
    h("tbody", {}, body.map((row) => h("tr", {}, row.map((cell) => h("td", { dir: "auto" }, inlineMarkdown(cell))))))));
}
