/**
 * One message: face, name, time, words or blocks, reactions, replies, and what a person can do with it.
 *
 * A message is drawn in parts, and an edit redraws only the parts (and of the blocks only the ones) that changed: see
 * reconcile.js for why.
 */
import { avatar } from "./avatar.js";
import { blockItems, drawBlock } from "./blocks/registry.js";
import { h } from "./dom.js";
import { createForm } from "./form.js";
import { icon } from "./icons.js";
import { mrkdwn } from "./mrkdwn.js";
import { ownMenu } from "./own.js";
import { pickEmoji } from "./picker.js";
import { picture } from "./picture.js";
import { reactionRow, toggleReaction } from "./reactions.js";
import { reconcile } from "./reconcile.js";
import { ago, clock, dateOf, whole } from "./times.js";

const SLACKBOT = "USLACKBOT";

/** Who a message is from, as it is shown. */
export function authorOf(message, store) {
  const bot = store.bot();
  const person = store.person(message.user);
  if (message.user === SLACKBOT) return { id: SLACKBOT, name: "Slackbot", isApp: false };
  const isApp = Boolean(message.bot_id) || message.user === bot.user_id || person?.is_bot === true;
  const name = message.username ?? person?.name ?? (isApp ? bot.name : null) ?? message.user ?? "Somebody";
  return { id: message.user ?? message.bot_id ?? name, name, isApp };
}

/**
 * @param {object} message @param {{desk: object, channel: string, inThread: boolean}} place
 * @returns {HTMLElement} with the parts inside; call `updateMessage` for later states
 */
export function drawMessage(message, place) {
  const node = h("article", { class: "message", data: { testid: "message" } });
  updateMessage(node, message, place);
  return node;
}

/** Bring an element up to a newer state of its message. @returns {true} always: it can always be done in place */
export function updateMessage(node, message, place) {
  const { compact, fresh, ...own } = message.shown ?? {};
  const author = authorOf(message, place.desk.store);
  node.className = `message${compact ? " message-compact" : ""}${message.is_ephemeral ? " message-ephemeral" : ""}${message.pinned ? " message-pinned" : ""}`;
  if (fresh) node.classList.add("message-fresh");
  Object.assign(node.dataset, { ts: message.ts, channel: place.channel, user: author.id, ...own });
  node.dataset.ephemeral = String(Boolean(message.is_ephemeral));
  node.setAttribute("aria-label", `${author.name}, ${clock(dateOf(message.ts), place.desk.store.zone())}`);
  reconcile(node, parts(message, author, place, compact));
  return true;
}

function parts(message, author, place, compact) {
  const head = [author.name, message.ts, compact, Boolean(message.edited), message.is_ephemeral];
  const list = [
    ["gutter", [author.id, author.name, compact, message.ts], () => gutter(message, author, place, compact)],
    ["notice", [message.is_ephemeral, message.pinned], () => noticeOf(message, place.desk.store)],
    ["head", head, () => !compact && headOf(message, author, place)],
    ["body", null, () => h("div", { class: "message-body" }), (body) => drawBody(body, message, place)],
    ["reactions", message.reactions ?? [], () => (message.reactions?.length ? reactionRow(message, place) : null)],
    ["replies", [message.reply_count, message.latest_reply], () => (place.inThread ? null : replies(message, place))],
    ["dismiss", [message.is_ephemeral], () => message.is_ephemeral && dismissal(message, place)],
    ["tools", [message.is_ephemeral], () => !message.is_ephemeral && tools(message, place)],
  ];
  return list.map(([key, signature, make, update]) => ({
    key,
    signature: update ? JSON.stringify([message.text, message.blocks, message.attachments, message.files, message.edited]) : JSON.stringify(signature),
    make: () => {
      const made = make() || h("span", { hidden: true });
      made.classList.add(`message-${key}`);
      update?.(made);
      return made;
    },
    update,
  }));
}

function gutter(message, author, { desk }, compact) {
  const moment = dateOf(message.ts);
  if (compact) return h("div", { class: "message-when", "aria-hidden": "true" }, clock(moment, desk.store.zone()));
  return h("div", { data: { openPerson: author.id } }, avatar({ id: author.id, name: author.name, bot: author.isApp }));
}

function noticeOf({ is_ephemeral: isEphemeral, pinned }, store) {
  if (isEphemeral) return h("div", {}, icon("eye"), "Only visible to you");
  return pinned ? h("div", {}, "📌", `Pinned${store.person(pinned.created_by) ? ` by ${store.person(pinned.created_by).name}` : ""}`) : null;
}

function headOf(message, author, { desk, channel }) {
  const [moment, zone] = [dateOf(message.ts), desk.store.zone()];
  const link = desk.linkTo({ channel, thread: message.thread_ts && message.thread_ts !== message.ts ? message.thread_ts : null });
  return h("div", {},
    h("button", { class: "message-name", type: "button", dir: "auto", data: { testid: "author", openPerson: author.id } }, author.name),
    author.isApp && h("span", { class: "app-label" }, "APP"),
    h("a", { class: "message-time", href: link, title: whole(moment, zone), tabindex: "-1" },
      h("time", { datetime: moment.toISOString() }, clock(moment, zone))));
}

function drawBody(body, message, place) {
  const { desk, channel } = place;
  const items = message.blocks?.length ? blockItems(message.blocks, contextOf(message, place)) : [textItem(message, desk.store)];
  for (const file of message.files ?? []) items.push({ key: `file-${file.id}`, signature: file.title, make: () => attachedFile(file) });
  for (const [at, attachment] of (message.attachments ?? []).entries()) items.push(attachmentItem(attachment, at, message, place));
  const isCard = message.bot_id && message.blocks?.length; // Slack calls an app's blocks never edited
  if (message.edited && !isCard) items.push({ key: "edited", signature: "", make: () => h("span", { class: "edited" }, "(edited)") });
  body.dataset.testid = "message-body";
  body.dataset.bodyOf = `${channel}/${message.ts}`;
  reconcile(body, items);
  return true;
}

function textItem(message, store) {
  const signature = String(message.text ?? "");
  return { key: "text", signature, make: () => h("div", { class: "message-text" }, mrkdwn(signature, store)) };
}

function contextOf(message, { desk, channel }) {
  const where = { channel, ts: message.ts };
  return {
    store: desk.store, api: desk.api, toasts: desk.toasts, where,
    form: desk.formOf(`${channel}/${message.ts}`, createForm),
    state: message.state?.values ?? null,
    press: (action) => desk.press(where, action),
  };
}

function attachmentItem(attachment, at, message, place) {
  const signature = JSON.stringify(attachment);
  const make = () => h("div", { class: "attachment", style: { "--bar": colour(attachment.color) } },
    attachment.blocks?.length ? attachment.blocks.map((block, row) => drawBlock(block, contextOf(message, place), row))
      : mrkdwn(attachment.text ?? attachment.fallback ?? "", place.desk.store));
  return { key: `attachment-${at}`, signature, make };
}

function attachedFile(file) {
  return h("figure", { class: "figure" }, h("figcaption", { class: "figure-title" }, file.title),
    picture({ slack_file: { id: file.id }, alt_text: file.alt_txt ?? file.title }, "picture-large"));
}

function colour(name) {
  const named = { good: "var(--good)", warning: "var(--warn)", danger: "var(--bad)" };
  return named[name] ?? (/^#?[0-9a-f]{3,6}$/i.test(name ?? "") ? `#${name.replace("#", "")}` : "var(--line-strong)");
}

function replies(message, { desk, channel }) {
  if (!message.reply_count) return null;
  const count = `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`;
  const last = message.latest_reply ? h("span", { class: "replies-last" }, `Last reply ${ago(dateOf(message.latest_reply))}`) : null;
  return h("button", { class: "replies", type: "button", data: { testid: "replies" },
    on: { click: () => desk.openThread(channel, message.ts) } }, icon("thread"), h("span", { class: "replies-count" }, count), last);
}

function dismissal(message, { desk, channel }) {
  return h("div", {}, h("button", { class: "text-button", type: "button", data: { testid: "dismiss" },
    on: { click: () => desk.dismiss(channel, message.ts) } }, "Dismiss message"));
}

const QUICK = ["white_check_mark", "eyes", "raised_hands"];

function tools(message, { desk, channel, inThread }) {
  const react = (name) => toggleReaction(desk, channel, message.ts, name);
  const quick = QUICK.map((name) => h("button", { class: "icon-button", type: "button", "aria-label": `React with ${name.replaceAll("_", " ")}`,
    data: { quick: name }, on: { click: () => react(name) } }, pickEmoji.glyph(name)));
  const more = h("button", { class: "icon-button", type: "button", "aria-label": "Add a reaction", data: { testid: "add-reaction" },
    on: { click: () => pickEmoji(more, react) } }, icon("smile"));
  const reply = !inThread && h("button", { class: "icon-button", type: "button", "aria-label": "Reply in thread", data: { testid: "reply" },
    on: { click: () => desk.openThread(channel, message.thread_ts ?? message.ts, { focus: true }) } }, icon("thread"));
  const own = message.user === desk.store.me && h("button", { class: "icon-button", type: "button", "aria-label": "Edit or delete",
    "aria-haspopup": "menu", data: { testid: "own" }, on: { click: (event) => ownMenu(event.currentTarget, message, desk, channel) } }, icon("dots"));
  return h("div", { role: "toolbar", "aria-label": "Message actions" }, quick, more, reply, own);
}
