/**
 * Where people type. Enter sends, Shift+Enter makes a new line; `/` completes commands, `@` people; a draft is kept
 * when one looks at another channel.
 *
 * A line that starts with a slash is a command. In a thread Slack refuses those, and so does this.
 */
import { commandsFor, createCompletion, encode, peopleFor, typing } from "./completion.js";
import { h } from "./dom.js";
import { EMOJI } from "./emoji.js";
import { icon } from "./icons.js";
import { pickEmoji } from "./picker.js";

const TALLEST_PX = 260;

/** @param {{desk: object, channel: string, thread?: string|null, placeholder: string}} place */
export function createComposer({ desk, channel, thread = null, placeholder }) {
  const { store } = desk;
  const draftKey = `${channel}/${thread ?? ""}`;
  const input = h("textarea", { class: "composer-input", rows: 1, dir: "auto", placeholder, "aria-label": placeholder, role: "combobox",
    "aria-autocomplete": "list", "aria-expanded": "false", autocomplete: "off", data: { testid: thread ? "thread-composer" : "composer" } });
  const usage = h("div", { class: "composer-usage", hidden: true, data: { testid: "usage" } });
  const completion = createCompletion({ input, onPick: complete });
  input.setAttribute("aria-controls", completion.node.id);
  const sendButton = h("button", { class: "send", type: "button", "aria-label": "Send", disabled: true, data: { testid: "send" },
    on: { click: () => send() } }, icon("send"));
  const node = h("div", { class: "composer" }, completion.node, usage,
    h("div", { class: "composer-box" }, input, toolbar({ insert, sendButton, thread })),
    h("div", { class: "composer-hint", "aria-hidden": "true" }, h("b", {}, "Enter"), " to send · ", h("b", {}, "Shift + Enter"), " for a new line"));

  function grow() {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, TALLEST_PX)}px`;
  }

  function refresh() {
    desk.drafts.set(draftKey, input.value);
    sendButton.disabled = !input.value.trim();
    grow();
    const now = typing(input.value, input.selectionStart);
    if (now?.kind === "command" && !thread) completion.show(commandsFor(now.typed, store.commands));
    else if (now?.kind === "person") completion.show(peopleFor(now.typed, store.people.values()));
    else completion.hide();
    showUsage();
  }

  function showUsage() {
    const word = /^(\/\S+)\s/.exec(input.value)?.[1];
    const known = word && !thread ? store.commands.find((one) => one.command === word) : null;
    usage.hidden = !known;
    if (known) usage.replaceChildren(h("b", {}, known.command), ` ${known.usage_hint ?? ""}`, h("span", {}, known.description ?? ""));
  }

  function complete(item) {
    const now = typing(input.value, input.selectionStart);
    if (now) insert(`${item.insert} `, now.from);
  }

  /** Put text at the caret, in place of what stands from `from` on. */
  function insert(text, from = input.selectionStart) {
    input.focus();
    input.setRangeText(text, from, input.selectionEnd, "end");
    refresh();
  }

  async function send() {
    const text = input.value.trim();
    if (!text) return;
    if (thread && isCommand(text, store.commands)) {
      desk.toasts.show(`${text.split(/\s/)[0]} is not supported in threads. Sorry!`, "bad");
      return;
    }
    input.value = "";
    refresh();
    const sent = text.startsWith("/") && !thread ? await desk.command(channel, text)
      : await desk.attempt(() => desk.api.post(channel, encode(text, store.people.values(), store.channels), thread ?? undefined), "Your message");
    if (sent || input.value) return;
    input.value = text; // nothing typed is lost when it could not be sent
    refresh();
    completion.hide();
  }

  const keys = {
    ArrowDown: () => completion.isOpen() && completion.move(1),
    ArrowUp: () => completion.isOpen() && completion.move(-1),
    Tab: () => completion.isOpen() && complete(completion.current()),
    Escape: () => completion.isOpen() && completion.hide(),
    Enter: (event) => !event.shiftKey && enter(),
  };

  function enter() {
    const item = completion.isOpen() && completion.current();
    const typed = typing(input.value, input.selectionStart);
    const isWhole = item && !completion.hasMoved() && (typed?.kind === "command" ? item.insert === typed.typed : item.insert === `@${typed?.typed}`);
    if (item && !isWhole) complete(item);
    else send();
    return undefined;
  }

  input.addEventListener("keydown", (event) => {
    if (event.isComposing || !keys[event.key]) return;
    if (keys[event.key](event) === false) return;
    event.preventDefault();
    event.stopPropagation();
  });
  input.addEventListener("input", refresh);
  input.addEventListener("click", refresh);
  input.addEventListener("blur", () => completion.hide());
  input.value = desk.drafts.get(draftKey) ?? "";
  requestAnimationFrame(refresh);
  return { node, focus: () => input.focus({ preventScroll: true }), refresh };
}

/** In a thread only a registered command is refused: "/etc/hosts is wrong" is a sentence. */
function isCommand(text, commands) {
  const [word] = text.split(/\s/);
  return commands.some(({ command }) => command === word);
}

function toolbar({ insert, sendButton, thread }) {
  const tool = (label, content, act) => {
    const button = h("button", { class: "icon-button", type: "button", "aria-label": label, title: label, on: { click: () => act(button) } }, content);
    return button;
  };
  return h("div", { class: "composer-tools" },
    !thread && tool("Run a command", h("span", { class: "glyph" }, "/"), () => insert("/", 0)),
    tool("Mention somebody", h("span", { class: "glyph" }, "@"), () => insert("@")),
    tool("Emoji", icon("smile"), (anchor) => pickEmoji(anchor, (name) => insert(`${EMOJI.get(name)} `))),
    h("span", { class: "spacer" }), sendButton);
}
