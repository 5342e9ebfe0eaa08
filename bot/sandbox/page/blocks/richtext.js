/** rich_text: what Slack's own composer makes, and what apps send when they want no mark-up to be read at all. */
import { h } from "../dom.js";
import { broadcast, channel, emoji, group, link, person } from "../mention.js";
import { preformatted } from "../mrkdwn.js";
import { dateOf, fillDate } from "../times.js";

const PARTS = {
  text: (part, store) => styled(part.text, part.style),
  link: (part, store) => styled(link(part.url, part.text || part.url), part.style),
  user: (part, store) => styled(person(part.user_id, null, store), part.style),
  channel: (part, store) => styled(channel(part.channel_id, null, store), part.style),
  usergroup: (part, store) => styled(group(part.usergroup_id, null, store), part.style),
  broadcast: (part) => styled(broadcast(part.range), part.style),
  emoji: (part) => emoji(part.name),
  date: (part, store) => h("time", {}, fillDate(part.format ?? "{date_pretty} {time}", dateOf(part.timestamp), store.zone())),
  color: (part) => h("span", { class: "colour" }, h("span", { class: "colour-swatch", style: { background: part.value } }), part.value),
};

function styled(content, style = {}) {
  let node = content instanceof Node ? content : document.createTextNode(content ?? "");
  if (style.code) node = h("code", { class: "code", dir: "ltr" }, node);
  if (style.bold) node = h("strong", {}, node);
  if (style.italic) node = h("em", {}, node);
  if (style.strike) node = h("s", {}, node);
  if (style.underline) node = h("u", {}, node);
  return node;
}

const parts = (element, store) => (element.elements ?? []).map((part) => (PARTS[part.type] ?? (() => part.text ?? ""))(part, store));

const SECTIONS = {
  rich_text_section: (element, store) => h("div", { class: "line", dir: "auto" }, parts(element, store)),
  rich_text_preformatted: (element, store) => preformatted(parts(element, store)),
  rich_text_quote: (element, store) => h("blockquote", { class: "quote" }, h("div", { class: "line", dir: "auto" }, parts(element, store))),
  rich_text_list: list,
};

const BULLETS = ["•", "◦", "▪"];

function marker(element, at) {
  const level = element.indent ?? 0;
  if (element.style !== "ordered") return BULLETS[level % BULLETS.length];
  const number = (element.offset ?? 0) + at + 1;
  return level % 3 === 1 ? `${String.fromCharCode(96 + ((number - 1) % 26) + 1)}.` : `${number}.`;
}

function list(element, store) {
  return h("div", { role: "list" }, (element.elements ?? []).map((item, at) =>
    h("div", { class: "line line-item", role: "listitem", dir: "auto", style: { "--level": element.indent ?? 0 } },
      h("span", { class: "marker" }, marker(element, at)), h("span", { class: "item" }, parts(item, store)))));
}

export function richText(block, ctx) {
  return h("div", { class: "rich" }, (block.elements ?? []).map((element) => SECTIONS[element.type]?.(element, ctx.store)));
}
