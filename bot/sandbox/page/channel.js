/** The open channel: its head, its messages, its composer; and marking as read what is in sight. */
import { avatar } from "./avatar.js";
import { createComposer } from "./composer.js";
import { fill, h } from "./dom.js";
import { createFeed } from "./feed.js";
import { link } from "./mention.js";
import { plainString } from "./mrkdwn.js";
import { isReply } from "./store.js";

/** @param {HTMLElement} root @param {object} desk @param {string} id @param {{tabs?: Node}} [extra] */
export function openChannel(root, desk, id, { tabs = null } = {}) {
  const { store } = desk;
  const channel = store.channel(id);
  const name = nameOf(channel, store);
  const title = channel.is_im ? name : `#${name}`;
  const feed = createFeed({ desk, channel: id, label: `Messages in ${title}`, intro: intro(channel, name, store), onScroll: () => markRead() });
  const composer = createComposer({ desk, channel: id, placeholder: `Message ${title}` });
  const lastRead = channel.unread ? (channel.last_read ?? "0") : null;
  let reported = null;

  fill(root, h("header", { class: "channel-head", data: { testid: "channel-head", channel: id } },
    h("h1", { class: "channel-name", dir: "auto", data: { testid: "channel-name" } }, title),
    topicOf(channel) && h("p", { class: "channel-topic", dir: "auto", title: topicOf(channel) }, topicOf(channel))), bookmarks(channel), tabs, feed.node,
    foot(channel, title, composer, desk));

  function draw() {
    const messages = store.messages(id).filter((message) => !isReply(message) && !store.dismissed.has(`${id}/${message.ts}`));
    feed.draw(messages, lastRead);
    markRead();
  }

  function markRead() {
    const newest = store.messages(id).filter((message) => !message.is_ephemeral && !isReply(message)).at(-1)?.ts;
    if (!newest || newest === reported || !feed.isAtBottom() || document.visibilityState !== "visible") return;
    reported = newest;
    if (Number(newest) <= Number(store.channel(id)?.last_read ?? 0) && !store.channel(id)?.unread) return;
    desk.api.read(id, newest).catch(() => { reported = null; });
  }

  document.addEventListener("visibilitychange", markRead);
  draw();
  const footing = JSON.stringify([channel.is_member, channel.is_archived, channel.topic, channel.purpose, channel.bookmarks]);
  /** Whether what is drawn around the messages no longer fits (joined, archived, another topic). */
  const isStale = () => {
    const now = store.channel(id);
    return JSON.stringify([now?.is_member, now?.is_archived, now?.topic, now?.purpose, now?.bookmarks]) !== footing;
  };
  return { id, title, draw, isStale, scrollTo: feed.scrollTo, focus: composer.focus, refresh: composer.refresh, close: () => document.removeEventListener("visibilitychange", markRead) };
}

/** Where one writes, or why one cannot. */
function foot(channel, title, composer, desk) {
  if (channel.is_archived) return h("div", { class: "archived" }, "This channel is archived.");
  if (channel.is_member !== false) return composer.node;
  const join = h("button", { class: "button button-primary", type: "button", data: { testid: "join" }, on: { click: async () => {
    if (await desk.attempt(() => desk.api.join(channel.id), "Joining")) await desk.refetchChannels();
  } } }, "Join the channel");
  return h("div", { class: "archived" }, h("p", {}, `You are not in ${title}.`), join);
}

export function nameOf(channel, store) {
  if (!channel.is_im) return channel.name;
  return store.person(channel.user)?.name ?? (channel.user === store.botUserId() ? store.bot().name : null) ?? channel.name ?? channel.user;
}

function bookmarks(channel) {
  if (!channel.bookmarks?.length) return null;
  return h("div", { class: "bookmarks", role: "list", "aria-label": "Bookmarks" }, channel.bookmarks.map((one) =>
    h("span", { role: "listitem" }, link(one.link ?? "", plainString(one.title) || one.link))));
}

const wordsOf = (value) => plainString(typeof value === "object" && value ? (value.value ?? "") : (value ?? ""));

function topicOf(channel) {
  return wordsOf(channel.topic) || wordsOf(channel.purpose);
}

function intro(channel, name, store) {
  const purpose = wordsOf(channel.purpose);
  const mark = channel.is_im ? avatar({ id: channel.user, name, bot: channel.user === store.botUserId(), size: "large" })
    : h("span", { class: "intro-mark", "aria-hidden": "true" }, "#");
  return h("div", { class: "intro" }, mark, h("div", { class: "intro-title", dir: "auto" }, channel.is_im ? name : `#${name}`),
    h("p", { class: "intro-words", dir: "auto" }, channel.is_im ? `This is the beginning of your conversation with ${name}.`
      : `This is the beginning of #${name}. ${purpose}`),
    !channel.is_im && h("p", { class: "intro-tip" }, "Type ", h("kbd", {}, "/"), " to see what ", store.bot().name ?? "the app",
      " can do. The menu at the top right makes you somebody else, here or in a second window."));
}
