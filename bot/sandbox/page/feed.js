/**
 * A list of messages: day dividers, grouping of what one person says in a row, the line above what is new, and staying
 * at the bottom when one is at the bottom. The channel and the thread both show one.
 */
import { h } from "./dom.js";
import { drawMessage, updateMessage } from "./message.js";
import { reconcile } from "./reconcile.js";
import { dateOf, dayKey, dayLabel } from "./times.js";

const GROUP_SECONDS = 300;
const NEAR_BOTTOM_PX = 80;
const AT_ONCE = 150;

/**
 * @param {{desk: object, channel: string, inThread?: boolean, label: string, intro?: Node}} place
 * @returns {{node: HTMLElement, draw: (messages: object[], lastRead?: string) => void, toBottom: () => void, isAtBottom: () => boolean}}
 */
export function createFeed({ desk, channel, inThread = false, label, intro = null, onScroll = () => {} }) {
  const list = h("div", { class: "feed-list", role: "log", "aria-label": label, "aria-live": "polite", "aria-relevant": "additions" });
  const jump = h("button", { class: "jump", type: "button", hidden: true, data: { testid: "jump" }, on: { click: () => toBottom() } }, "New messages ↓");
  const earlier = h("button", { class: "earlier text-button", type: "button", hidden: true, data: { testid: "earlier" },
    on: { click: () => showEarlier() } }, "Show earlier messages");
  const scroller = h("div", { class: "feed", tabindex: "0", "aria-label": label, role: "region" }, intro, earlier, list);
  const node = h("div", { class: "feed-frame" }, scroller, jump);
  let stuck = true;
  let most = AT_ONCE;
  let all = [];
  let readUpTo = null;
  let newest = null;

  const toBottom = () => {
    scroller.scrollTop = scroller.scrollHeight;
    jump.hidden = true;
  };
  scroller.addEventListener("scroll", () => {
    stuck = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_BOTTOM_PX;
    if (stuck) jump.hidden = true;
    onScroll();
  }, { passive: true });
  new ResizeObserver(() => stuck && toBottom()).observe(list);
  new ResizeObserver(() => stuck && toBottom()).observe(scroller);

  function showEarlier() {
    const [height, top] = [scroller.scrollHeight, scroller.scrollTop];
    most += AT_ONCE;
    draw(all, readUpTo);
    scroller.scrollTop = top + scroller.scrollHeight - height;
  }

  /** @param {object[]} everything in order; of a long history only the end is drawn at first */
  function draw(everything, lastRead = null) {
    [all, readUpTo] = [everything, lastRead];
    const messages = inThread ? everything : everything.slice(-most);
    earlier.hidden = messages.length === everything.length;
    if (intro) intro.hidden = !earlier.hidden;
    const last = messages.at(-1);
    const isNew = newest !== null && last && last.ts > newest;
    reconcile(list, items(messages, lastRead, { desk, channel, inThread, since: newest }));
    newest = last?.ts ?? newest ?? "0";
    if (stuck || (isNew && last.user === desk.store.me)) toBottom();
    else if (isNew) jump.hidden = false;
  }

  /** Show one message and make it stand out for a moment: where a permalink leads. */
  function scrollTo(ts) {
    while (all.length > most && all.some((message) => message.ts === ts) && !list.querySelector(`[data-ts="${CSS.escape(ts)}"]`)) showEarlier();
    const found = list.querySelector(`[data-ts="${CSS.escape(ts)}"]`);
    if (!found) return;
    stuck = false;
    found.scrollIntoView({ block: "center" });
    found.classList.add("message-found");
  }

  return { node, draw, toBottom, scrollTo, isAtBottom: () => stuck };
}

function items(messages, lastRead, place) {
  const { store } = place.desk;
  const zone = store.zone();
  const out = [];
  let before = null;
  let marked = false;
  for (const message of messages) {
    const day = dayKey(dateOf(message.ts), zone);
    const newDay = !before || dayKey(dateOf(before.ts), zone) !== day;
    if (newDay && !place.inThread) out.push(divider(`day-${day}`, dayLabel(dateOf(message.ts), zone), "day"));
    const isUnread = lastRead !== null && !marked && Number(message.ts) > Number(lastRead) && message.user !== store.me;
    if (isUnread && before) out.push(divider("new", "New", "new"));
    marked ||= isUnread;
    const compact = !newDay && !isUnread && belongsTogether(before, message);
    out.push(itemOf(message, compact, place));
    if (place.inThread && !before && messages.length > 1) {
      const count = messages.length - 1;
      out.push(divider("replies", `${count} ${count === 1 ? "reply" : "replies"}`, "replies"));
    }
    before = message;
  }
  return out;
}

function belongsTogether(before, message) {
  if (isCard(message) || !before || before.user !== message.user || before.username !== message.username) return false;
  if (Boolean(before.is_ephemeral) || Boolean(message.is_ephemeral) || before.bot_id !== message.bot_id) return false;
  return Number(message.ts) - Number(before.ts) < GROUP_SECONDS && !before.reply_count;
}

/** What an app says in blocks outside of threads stands on its own: two cards in a row must not look like one. */
function isCard(message) {
  return Boolean(message.bot_id && message.blocks?.length && (!message.thread_ts || message.thread_ts === message.ts));
}

function itemOf(message, compact, place) {
  const fresh = place.since !== null && message.ts > place.since;
  const shown = { ...message, shown: { compact, fresh } };
  return {
    key: `message-${message.ts}`,
    signature: JSON.stringify([message, compact]),
    make: () => drawMessage(shown, place),
    update: (node) => updateMessage(node, { ...message, shown: { compact, fresh: false } }, place),
  };
}

function divider(key, label, kind) {
  const make = () => h("div", { class: `feed-divider feed-divider-${kind}`, role: "separator", "aria-label": label,
    data: { testid: `divider-${kind}` } }, h("span", {}, label));
  return { key, signature: label, make };
}
