/** Reactions under a message: a click adds one's own or takes it back. */
import { h } from "./dom.js";
import { emojiOf } from "./emoji.js";
import { icon } from "./icons.js";
import { pickEmoji } from "./picker.js";

export function reactionRow(message, { desk, channel }) {
  const add = h("button", { class: "reaction reaction-add", type: "button", "aria-label": "Add a reaction",
    on: { click: () => pickEmoji(add, (name) => toggleReaction(desk, channel, message.ts, name)) } }, icon("smile"));
  return h("div", { class: "reactions" }, message.reactions.map((one) => pill(one, message, desk, channel)), add);
}

function pill({ name, users, count }, message, desk, channel) {
  const mine = users.includes(desk.store.me);
  const who = users.map((id) => (id === desk.store.me ? "you" : (desk.store.person(id)?.name ?? desk.store.bot().name ?? id)));
  return h("button", {
    class: `reaction${mine ? " reaction-mine" : ""}`, type: "button", "aria-pressed": String(mine),
    title: `${who.join(", ")} reacted with :${name}:`, "aria-label": `${name.replaceAll("_", " ")}, ${users.length}`,
    data: { reaction: name }, on: { click: () => toggleReaction(desk, channel, message.ts, name) },
  }, h("span", { class: "emoji" }, emojiOf(name) ?? `:${name}:`), h("span", { class: "reaction-count" }, count ?? users.length));
}

/** Add it, or take it back if it is there already: state is read at the click, not at the drawing. */
export async function toggleReaction(desk, channel, ts, name) {
  const message = desk.store.find(channel, ts);
  const mine = message?.reactions?.find((one) => one.name === name)?.users.includes(desk.store.me);
  await desk.attempt(() => (mine ? desk.api.unreact(channel, ts, name) : desk.api.react(channel, ts, name)), "That reaction");
}
