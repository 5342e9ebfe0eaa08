/** Buttons. One with a url opens it and still tells the app, as Slack does; while a press is under way it spins. */
import { h } from "../dom.js";
import { plainString, textObject } from "../mrkdwn.js";
import { marks, press } from "./action.js";

const STYLES = { primary: "button-primary", danger: "button-danger" };

export function button(element, ctx) {
  const node = h("button", {
    class: `button ${STYLES[element.style] ?? ""}`,
    type: "button",
    "aria-label": element.accessibility_label ?? null,
    title: element.url ?? null,
    data: { ...marks(element, ctx), value: element.value },
    on: { click: () => pressed(element, ctx, node) },
  }, h("span", { class: "button-text" }, textObject(element.text, ctx.store)));
  return node;
}

async function pressed(element, ctx, node) {
  if (node.getAttribute("aria-busy") === "true") return; // a second click while the first is under way
  if (element.url && !element.confirm) window.open(element.url, "_blank", "noopener");
  const done = await press(element, ctx, element.value === undefined ? {} : { value: element.value }, node);
  if (done && element.url && element.confirm) window.open(element.url, "_blank", "noopener");
}

/** Small buttons of context_actions: thumbs up and down, or an icon. */
export function feedbackButtons(element, ctx) {
  const choices = [element.positive_button, element.negative_button].filter(Boolean);
  return h("span", { class: "button-row" }, choices.map((choice) =>
    button({ ...choice, type: "button", action_id: element.action_id, confirm: element.confirm }, ctx)));
}

export function iconButton(element, ctx) {
  const label = plainString(element.text) || element.icon || "Action";
  return button({ ...element, type: "button", text: { type: "plain_text", text: label } }, ctx);
}
