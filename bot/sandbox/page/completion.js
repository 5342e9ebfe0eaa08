/**
 * The list that helps while one types: commands after `/`, people after `@`.
 *
 * Pure parts first (what is being typed, what matches); the list element below knows nothing of either.
 */
import { avatar } from "./avatar.js";
import { fill, h, uniqueId } from "./dom.js";

const MOST = 8;

/** @returns {{kind: "command"|"person", typed: string, from: number}|null} what the caret is in the middle of */
export function typing(text, caret) {
  const before = text.slice(0, caret);
  if (/^\/\S*$/.test(before)) return { kind: "command", typed: before, from: 0 };
  const person = /(^|[\s(])@([\p{L}\p{N}._-]*)$/u.exec(before);
  return person ? { kind: "person", typed: person[2], from: caret - person[2].length - 1 } : null;
}

export function commandsFor(typed, commands) {
  const word = typed.toLowerCase();
  return commands.filter(({ command }) => command.toLowerCase().startsWith(word))
    .sort((a, b) => a.command.localeCompare(b.command)).slice(0, MOST)
    .map((one) => ({ key: one.command, insert: one.command, title: one.command, usage: one.usage_hint, detail: one.description }));
}

export function peopleFor(typed, people) {
  const word = typed.toLowerCase();
  const named = [...people].filter((one) => `${one.name} ${one.handle ?? ""}`.toLowerCase().split(/[\s._-]+/).some((part) => part.startsWith(word))
    || (one.handle ?? "").toLowerCase().startsWith(word));
  const crowd = [["here", "everybody who is active here"], ["channel", "everybody in this channel"]]
    .filter(([name]) => word && name.startsWith(word)).map(([name, detail]) => ({ key: name, insert: `@${name}`, title: `@${name}`, detail }));
  const persons = named.slice(0, MOST).map((one) => (
    { key: one.id, insert: `@${one.handle ?? one.name}`, title: one.name, detail: `@${one.handle ?? one.id}`, person: one }));
  return [...persons, ...crowd];
}

/** What a person typed as "@handle" or "#channel" → Slack's own form. The server escapes the rest. */
export function encode(text, people, channels) {
  const known = [...people].flatMap((one) => [[one.handle, one.id], [one.name, one.id]]).filter(([name]) => name)
    .sort(([a], [b]) => b.length - a.length);
  let out = text;
  for (const [name, id] of known) out = out.replace(mentionOf(name), (all, before) => `${before}<@${id}>`);
  for (const { id, name } of channels.filter((channel) => !channel.is_im)) {
    out = out.replace(mentionOf(name, "#"), (all, before) => `${before}<#${id}>`);
  }
  return out.replace(/(^|[\s(])@(here|channel|everyone)(?![\p{L}\p{N}_-])/gu, (all, before, range) => `${before}<!${range}>`);
}

function mentionOf(name, sign = "@") {
  const literal = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(^|[\\s(])${sign}${literal}(?![\\p{L}\\p{N}_-])`, "giu");
}

/** The list. @param {{input: HTMLTextAreaElement, onPick: (item: object) => void}} how */
export function createCompletion({ input, onPick }) {
  const node = h("div", { class: "completion", role: "listbox", id: uniqueId("completion"), "aria-label": "Suggestions", hidden: true,
    data: { testid: "completion" } });
  let items = [];
  let at = 0;
  let moved = false;

  function point(next) {
    at = (next + items.length) % items.length;
    [...node.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === at)));
    node.children[at]?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", node.children[at]?.id ?? "");
  }

  function show(next) {
    const same = next.map((item) => item.key).join() === items.map((item) => item.key).join();
    items = next;
    node.hidden = items.length === 0;
    input.setAttribute("aria-expanded", String(items.length > 0));
    if (!items.length) return input.removeAttribute("aria-activedescendant");
    if (same) return undefined;
    moved = false;
    fill(node, items.map((item) => row(item, () => onPick(item))));
    return point(0);
  }

  return {
    node,
    show,
    hide: () => show([]),
    isOpen: () => items.length > 0,
    current: () => items[at],
    hasMoved: () => moved,
    move(step) {
      moved = true;
      point(at + step);
    },
  };
}

function row(item, pick) {
  return h("div", { class: "completion-row", role: "option", id: uniqueId("suggestion"), "aria-selected": "false", data: { suggestion: item.key },
    on: { mousedown: (event) => event.preventDefault(), click: pick } },
    item.person && avatar({ id: item.person.id, name: item.person.name, bot: item.person.is_bot, size: "small" }),
    h("span", { class: "completion-title" }, item.title, item.usage && h("span", { class: "completion-usage" }, ` ${item.usage}`)),
    item.detail && h("span", { class: "completion-detail" }, item.detail));
}
