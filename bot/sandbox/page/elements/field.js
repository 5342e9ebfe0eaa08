/**
 * Text fields: plain text of one or several lines, numbers, mail addresses, web addresses.
 *
 * What is typed is remembered at every key, so that a view updated underneath keeps it. With dispatch_action the app is
 * told on Enter, on every change, or both, as dispatch_action_config says.
 */
import { debounce, h } from "../dom.js";
import { plainString } from "../mrkdwn.js";
import { chosen, marks, press, remember, startingValue } from "./action.js";

const TYPES = { number_input: "text", email_text_input: "email", url_text_input: "url", plain_text_input: "text" };
const MODES = { number_input: "decimal", email_text_input: "email", url_text_input: "url" };

export function field(element, ctx) {
  const start = startingValue(element, ctx, element.initial_value ?? null);
  const long = element.type === "plain_text_input" && element.multiline;
  const longest = element.max_length ?? (element.type === "plain_text_input" ? 3000 : null);
  const input = h(long ? "textarea" : "input", {
    class: `field${long ? " field-long" : ""}`,
    type: long ? null : TYPES[element.type],
    rows: long ? 4 : null,
    inputmode: MODES[element.type] ?? null,
    maxlength: longest,
    placeholder: plainString(element.placeholder) || null,
    dir: "auto",
    autocomplete: "off",
    "aria-labelledby": ctx.labelId ?? null,
    "aria-label": ctx.labelId ? null : plainString(element.placeholder) || "Text",
    "aria-describedby": ctx.describedBy ?? null,
    data: marks(element, ctx),
  });
  input.value = start ?? "";
  const count = counter(element, input);
  input.addEventListener("input", () => {
    remember(element, ctx, input.value || null);
    ctx.onInput?.(ctx.blockId);
    count.draw();
  });
  dispatch(element, ctx, input);
  return count.node ? h("div", { class: "field-counted" }, input, count.node) : input;
}

/** How many letters are left, once a limit is near. */
function counter(element, input) {
  if (!element.max_length) return { node: null, draw: () => {} };
  const node = h("span", { class: "field-count", "aria-hidden": "true" });
  const draw = () => {
    const left = element.max_length - input.value.length;
    node.textContent = left <= Math.max(20, element.max_length / 5) ? String(left) : "";
  };
  draw();
  return { node, draw };
}

function dispatch(element, ctx, input) {
  if (ctx.input && !ctx.input.dispatch) return;
  const on = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const tell = () => press(element, ctx, chosen(element.type, input.value));
  if (on.includes("on_character_entered")) input.addEventListener("input", debounce(tell, 250));
  if (on.includes("on_enter_pressed")) {
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || input.tagName === "TEXTAREA") return;
      event.preventDefault();
      tell();
    });
  }
}
