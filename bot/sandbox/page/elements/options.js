/**
 * Where the options of a select come from: its own list, its groups, the people, the channels, or the app's answer.
 *
 * An option here is {value, label, detail, group}: strings, already decoded.
 */
import { plainString } from "../mrkdwn.js";

export function optionOf(option, group = null) {
  const detail = option.description ? plainString(option.description) : null;
  return { value: option.value, label: plainString(option.text), detail, group, raw: option };
}

function ofLists({ options, option_groups: groups }) {
  const grouped = (groups ?? []).flatMap((group) => (group.options ?? []).map((one) => optionOf(one, plainString(group.label))));
  return [...(options ?? []).map((one) => optionOf(one)), ...grouped];
}

function ofPeople(store, keep = () => true) {
  return [...store.people.values()].filter((person) => !person.deleted && keep(person))
    .map((person) => ({ value: person.id, label: person.name, detail: person.title || `@${person.handle ?? person.id}`, person }));
}

function ofChannels(store, keep) {
  return store.channels.filter((channel) => !channel.is_archived && keep(channel)).map((channel) => ({
    value: channel.id,
    label: channel.is_im ? (store.person(channel.user)?.name ?? channel.name ?? channel.id) : `#${channel.name}`,
    detail: null,
  }));
}

const wanted = ({ filter }, channel) =>
  !filter?.include || filter.include.includes(channel.is_im ? "im" : channel.is_private ? "private" : "public");

/**
 * @returns {(typed: string) => Promise<object[]>} the options for what has been typed
 */
export function sourceOf(element, ctx) {
  const kind = element.type.replace(/^multi_/, "");
  if (kind === "external_select") return (typed) => suggestions(element, ctx, typed);
  const all = {
    static_select: () => ofLists(element),
    users_select: () => ofPeople(ctx.store),
    conversations_select: () => ofChannels(ctx.store, (channel) => wanted(element, channel)),
    channels_select: () => ofChannels(ctx.store, (channel) => !channel.is_im),
  }[kind]();
  return async (typed) => all.filter((option) => matches(option, typed));
}

async function suggestions(element, ctx, typed) {
  if ([...typed].length < (element.min_query_length ?? 3)) return [];
  const answer = await ctx.api.suggest(ctx.where, { action_id: element.action_id, block_id: ctx.blockId, value: typed });
  if (answer?.ok === false) throw Object.assign(new Error(answer.error), { code: answer.error });
  return ofLists(answer ?? {});
}

function matches({ label, detail, value }, typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const hay = `${label} ${detail ?? ""} ${value}`.toLowerCase();
  return words.every((word) => hay.includes(word));
}

/** The options an app preset. */
export function initialOptions(element, ctx) {
  const list = element.initial_options ?? (element.initial_option ? [element.initial_option] : []);
  const people = element.initial_users ?? (element.initial_user ? [element.initial_user] : []);
  const channels = element.initial_channels ?? element.initial_conversations
    ?? [element.initial_channel, element.initial_conversation].filter(Boolean);
  const here = element.default_to_current_conversation && ctx.where.channel ? [ctx.where.channel] : [];
  const ids = [...people, ...(channels.length ? channels : here)];
  return [...list.map((one) => optionOf(one)), ...ids.map((id) => ({ value: id, label: null }))];
}
