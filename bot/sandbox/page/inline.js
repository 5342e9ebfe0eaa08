/**
 * One line of Slack's mrkdwn → a small tree. Pure: no page, no people, so it can be read and tested alone.
 *
 * Slack's rules, as its clients behave: emphasis opens after a non-word character and closes before one, never across
 * lines, and not around blanks (so snake_case and 2*3*4 stay as they are); inside `code` nothing is interpreted except
 * entities and control sequences `<…>`; only &amp; &lt; &gt; are entities.
 *
 * Nodes: {kind: "text", text} · {kind: "code"|"bold"|"italic"|"strike", children} · {kind: "control", body} ·
 * {kind: "emoji", name} · {kind: "url", url}
 */
import { emojiOf } from "./emoji.js";

const MARKS = { "*": "bold", _: "italic", "~": "strike" };
const WORD = /[\p{L}\p{N}]/u;
const CONTROL = /^<([^<>\n]+)>/;
const SHORTCODE = /^:([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):/;
const BARE_URL = /^https?:\/\/[^\s<>|]+/;
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/** Undo Slack's three entities, once. */
export function decode(text) {
  return text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);
}

/** @param {string} text one line @returns {Array<object>} */
export function parseInline(text) {
  const nodes = [];
  let plain = "";
  let at = 0;
  const flush = () => {
    if (plain) nodes.push({ kind: "text", text: decode(plain) });
    plain = "";
  };
  while (at < text.length) {
    const found = nodeAt(text, at);
    if (found) {
      flush();
      nodes.push(found.node);
      at = found.end;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return nodes;
}

function nodeAt(text, at) {
  const letter = text[at];
  if (letter === "`") return codeAt(text, at);
  if (letter === "<") return controlAt(text, at);
  if (letter === ":") return emojiAt(text, at);
  if (letter === "h") return urlAt(text, at);
  return letter in MARKS ? emphasisAt(text, at) : null;
}

/** Plain text: nothing but entities and emoji names mean anything. */
export function parsePlain(text) {
  const parts = text.split(/(:[a-z0-9_+'-]+(?:::skin-tone-[2-6])?:)/);
  return parts.filter(Boolean).map((part) => {
    const name = part.slice(1, -1);
    const isEmoji = part.length > 2 && part.startsWith(":") && part.endsWith(":") && emojiOf(name) !== null;
    return isEmoji ? { kind: "emoji", name } : { kind: "text", text: decode(part) };
  });
}

function codeAt(text, at) {
  const end = text.indexOf("`", at + 1);
  if (end <= at + 1) return null;
  return { node: { kind: "code", children: parseCode(text.slice(at + 1, end)) }, end: end + 1 };
}

/** In code only control sequences and entities mean anything. */
export function parseCode(text) {
  const nodes = [];
  let rest = text;
  while (rest) {
    const start = rest.search(/<[^<>\n]+>/);
    const plain = start < 0 ? rest : rest.slice(0, start);
    if (plain) nodes.push({ kind: "text", text: decode(plain) });
    if (start < 0) break;
    const [whole, body] = CONTROL.exec(rest.slice(start));
    nodes.push({ kind: "control", body });
    rest = rest.slice(start + whole.length);
  }
  return nodes;
}

function controlAt(text, at) {
  const match = CONTROL.exec(text.slice(at));
  return match && { node: { kind: "control", body: match[1] }, end: at + match[0].length };
}

function emojiAt(text, at) {
  const match = SHORTCODE.exec(text.slice(at, at + 80));
  if (!match || emojiOf(match[1]) === null) return null;
  return { node: { kind: "emoji", name: match[1] }, end: at + match[0].length };
}

function urlAt(text, at) {
  if (at > 0 && WORD.test(text[at - 1])) return null;
  const match = BARE_URL.exec(text.slice(at));
  if (!match) return null;
  const url = match[0].replace(/[.,;:!?)\]}'"*_~]+$/, "");
  return url.length < 10 ? null : { node: { kind: "url", url: decode(url) }, end: at + url.length };
}

function emphasisAt(text, at) {
  const mark = text[at];
  const before = text[at - 1] ?? " ";
  const after = text[at + 1] ?? " ";
  if (WORD.test(before) || before === mark || after === mark || /\s/.test(after)) return null;
  const end = closing(text, at + 1, mark);
  if (end < 0) return null;
  return { node: { kind: MARKS[mark], children: parseInline(text.slice(at + 1, end)) }, end: end + 1 };
}

/** Where the emphasis ends; code and control sequences on the way are stepped over. */
function closing(text, from, mark) {
  for (let at = from; at < text.length; at += 1) {
    const skip = text[at] === "`" ? codeAt(text, at) : text[at] === "<" ? controlAt(text, at) : null;
    if (skip) at = skip.end - 1;
    else if (text[at] === mark && closes(text, at, mark)) return at;
  }
  return -1;
}

function closes(text, at, mark) {
  const after = text[at + 1] ?? " ";
  return !/\s/.test(text[at - 1]) && after !== mark && !WORD.test(after);
}
