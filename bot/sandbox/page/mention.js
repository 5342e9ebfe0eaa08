/**
 * Control sequences `<…>`: people, channels, groups, broadcasts, dates, links. The text inside came from outside; it
 * becomes text nodes and, for http, https and mailto only, links.
 */
import { h } from "./dom.js";
import { emojiOf } from "./emoji.js";
import { decode, parseInline } from "./inline.js";
import { dateOf, fillDate, whole } from "./times.js";

const SAFE = /^(https?:\/\/|mailto:|tel:)/i;

/** A link that opens elsewhere; an address that is not for the web is shown as text. */
export function link(url, label) {
  if (!SAFE.test(url)) return h("span", {}, label);
  return h("a", { class: "link", href: url, target: "_blank", rel: "noopener noreferrer", dir: "auto" }, label);
}

/** @param {string} body what stands between < and > @param {object} store */
export function control(body, store) {
  const [target, ...rest] = body.split("|");
  const label = rest.length ? decode(rest.join("|")) : null;
  if (target.startsWith("@")) return person(target.slice(1), label, store);
  if (target.startsWith("#")) return channel(target.slice(1), label, store);
  if (target.startsWith("!")) return special(target.slice(1), label, store);
  return link(decode(target), label || decode(target).replace(/^mailto:/, ""));
}

export function person(id, label, store) {
  const name = store.person(id)?.name ?? (id === store.botUserId() ? store.bot().name : null) ?? label ?? id;
  const mine = id === store.me;
  const data = { openPerson: id };
  return h("button", { class: `mention mention-link${mine ? " mention-me" : ""}`, type: "button", data, dir: "auto" }, `@${name}`);
}

export function channel(id, label, store) {
  const name = store.channel(id)?.name ?? label;
  if (!name) return h("span", { class: "mention" }, "#private-channel");
  return h("button", { class: "mention mention-link", type: "button", data: { openChannel: id } }, `#${name}`);
}

function special(body, label, store) {
  const [kind, ...parameters] = body.split("^");
  if (kind === "subteam") return group(parameters[0], label, store);
  if (kind === "date") return date(parameters, label, store);
  if (["here", "channel", "everyone"].includes(kind)) return broadcast(kind);
  return h("span", {}, label ?? `<${body}>`);
}

export function broadcast(range) {
  return h("span", { class: "mention mention-me" }, `@${range}`);
}

/** Somebody who is in the group sees it as a mention of themselves. */
export function group(id, label, store) {
  const known = (store.info.usergroups ?? []).find((entry) => entry.id === id);
  const handle = (label ?? known?.handle ?? known?.name ?? id).replace(/^@/, "");
  const mine = (store.person(store.me)?.groups ?? []).some((name) => name === handle || name === id);
  return h("span", { class: `mention${mine ? " mention-me" : ""}`, data: { group: id } }, `@${handle}`);
}

function date([ts, pattern = "{date} {time}", url], fallback, store) {
  const moment = dateOf(ts);
  if (Number.isNaN(moment.getTime())) return h("span", {}, fallback ?? "");
  const zone = store.zone();
  const node = h("time", { datetime: moment.toISOString(), title: whole(moment, zone) },
    fillDate(decode(pattern), moment, zone));
  return url ? link(url, node) : node;
}

/** The tree of a line → nodes. Shared by everything that shows mrkdwn. */
export function paint(nodes, store) {
  return nodes.map((node) => PAINTERS[node.kind](node, store));
}

export const inline = (text, store) => paint(parseInline(text), store);

const PAINTERS = {
  text: ({ text }) => document.createTextNode(text),
  emoji: ({ name }) => emoji(name),
  url: ({ url }) => link(url, url),
  control: ({ body }, store) => control(body, store),
  code: ({ children }, store) => h("code", { class: "code", dir: "ltr" }, paint(children, store)),
  bold: ({ children }, store) => h("strong", {}, paint(children, store)),
  italic: ({ children }, store) => h("em", {}, paint(children, store)),
  strike: ({ children }, store) => h("s", {}, paint(children, store)),
};

export function emoji(name) {
  const characters = emojiOf(name);
  if (characters === null) return document.createTextNode(`:${name}:`);
  return h("span", { class: "emoji", role: "img", "aria-label": name.replaceAll("_", " "), title: `:${name}:` }, characters);
}
