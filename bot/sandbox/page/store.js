/**
 * What this window knows: who it is, who there is, which channels, what was said in the open ones.
 *
 * It holds data and tells whoever listens that something changed, by topic; it fetches nothing and draws nothing.
 * Messages are kept per channel and per thread, sorted by ts, and replaced as a whole or one by one.
 */

export function createStore() {
  const listeners = new Map();
  const store = {
    /** @type {string|null} */ me: null,
    info: {},
    people: new Map(),
    channels: [],
    commands: [],
    views: [],
    home: null,
    dismissed: new Set(),

    on(topic, listener) {
      if (!listeners.has(topic)) listeners.set(topic, new Set());
      listeners.get(topic).add(listener);
    },
    tell(topic, detail) {
      for (const listener of listeners.get(topic) ?? []) listener(detail);
    },

    person: (id) => store.people.get(id) ?? null,
    channel: (id) => store.channels.find((channel) => channel.id === id) ?? null,
    zone: () => store.person(store.me)?.tz ?? undefined,
    bot: () => store.info.bot ?? {},
    botUserId: () => store.info.bot?.user_id ?? null,
    /** The conversation with the app, where its Messages tab lives. */
    appDm: () => store.channels.find((channel) => channel.is_im && channel.user === store.botUserId()) ?? null,
    ...messageShelf(),
  };
  return store;
}

function messageShelf() {
  const shelf = new Map();
  const key = (channel, thread) => `${channel}/${thread ?? ""}`;
  return {
    messages: (channel, thread = null) => shelf.get(key(channel, thread)) ?? [],
    setMessages: (channel, thread, list) => shelf.set(key(channel, thread), [...list].sort(byTs)),
    /** Add or replace one message wherever it is shown; only shelves that were fetched before are touched. */
    upsert(channel, message) {
      for (const place of placesOf(message)) {
        const list = shelf.get(key(channel, place));
        if (list) shelf.set(key(channel, place), [...list.filter((other) => other.ts !== message.ts), message].sort(byTs));
      }
    },
    /** One message, wherever it is shown. */
    find(channel, ts) {
      const lists = [...shelf].filter(([name]) => name.startsWith(`${channel}/`)).map(([, list]) => list);
      return lists.flat().find((message) => message.ts === ts) ?? null;
    },
    remove(channel, ts) {
      for (const [name, list] of shelf) {
        if (name.startsWith(`${channel}/`)) shelf.set(name, list.filter((message) => message.ts !== ts));
      }
    },
  };
}

/** Where a message appears: in the channel, in its thread, or (a thread's first message, a broadcast) in both. */
function placesOf(message) {
  const inThread = message.thread_ts ?? message.ts;
  return isReply(message) ? [inThread] : [null, inThread];
}

/** Is this shown in a thread only? */
export function isReply(message) {
  return Boolean(message.thread_ts) && message.thread_ts !== message.ts && message.subtype !== "thread_broadcast";
}

function byTs(a, b) {
  return Number(a.ts) - Number(b.ts) || (a.ts < b.ts ? -1 : 1);
}
