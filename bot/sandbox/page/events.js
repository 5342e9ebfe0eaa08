/**
 * What the stream says → what the store holds.
 *
 * An event that carries its message is applied at once; whatever an event only hints at (reply counts, unread marks) is
 * fetched, a little later and once for a burst of events.
 */
import { ApiError } from "./api.js";
import { debounce } from "./dom.js";

const SOON_MS = 120;

/** @param {object} desk @returns {(event: object) => void} */
export function createEvents(desk) {
  const { store, toasts } = desk;
  const quietly = (work) => () => work().catch(forgive);
  const channelsSoon = debounce(quietly(desk.refetchChannels), SOON_MS);
  const everybodySoon = debounce(quietly(async () => {
    await desk.refetchPeople();
    await desk.refetchChannels();
  }), SOON_MS);
  const viewsSoon = debounce(quietly(desk.refetchViews), 20);
  const homeSoon = debounce(quietly(desk.refetchHome), 20);
  const openSoon = debounce(quietly(async () => {
    const { channel, thread, home } = desk.place();
    if (home || !channel) return;
    await desk.refetch(channel);
    if (thread) await desk.refetch(channel, thread);
  }), SOON_MS);

  function talk({ channel, message }) {
    if (message) store.upsert(channel, message);
    else if (channel === desk.place().channel) openSoon();
    store.tell("messages", channel);
  }

  const reactions = {
    message: (event) => { talk(event); channelsSoon(); },
    changed: talk,
    ephemeral: talk,
    reaction: talk,
    deleted: ({ channel, ts }) => {
      store.remove(channel, ts);
      store.tell("messages", channel);
      if (channel === desk.place().channel) openSoon();
    },
    read: channelsSoon,
    channels: ({ channel }) => (channel ? channelsSoon() : everybodySoon()),
    commands: () => desk.refetchCommands().catch(forgive),
    views: viewsSoon,
    home: homeSoon,
    toast: ({ text, tone }) => toasts.show(text, TONES[tone] ?? tone ?? "info"),
  };
  return (event) => reactions[event.kind]?.(event);
}

/** A lost connection is shown on top and mends itself; anything else is a mistake of ours and must be seen. */
function forgive(error) {
  if (!(error instanceof ApiError)) throw error;
}

const TONES = { error: "bad", danger: "bad", warning: "bad", success: "good", ok: "good" };
