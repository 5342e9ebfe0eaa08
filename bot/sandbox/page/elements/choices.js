/** Radio buttons and checkboxes: the browser's own controls in a labelled group. */
import { h, uniqueId } from "../dom.js";
import { textObject } from "../mrkdwn.js";
import { changed, marks, startingValue } from "./action.js";

export function radioButtons(element, ctx) {
  const start = startingValue(element, ctx, element.initial_option?.value ?? null);
  return group(element, ctx, "radio", [start], (value) => changed(element, ctx, value));
}

export function checkboxes(element, ctx) {
  const initial = (element.initial_options ?? []).map((option) => option.value);
  let values = startingValue(element, ctx, initial);
  return group(element, ctx, "checkbox", values, (value, isOn) => {
    const picked = new Set(values);
    if (isOn) picked.add(value);
    else picked.delete(value);
    values = (element.options ?? []).map((option) => option.value).filter((one) => picked.has(one));
    return changed(element, ctx, values);
  });
}

function group(element, ctx, type, values, onChange) {
  const name = uniqueId("choice");
  const rows = (element.options ?? []).map((option) => {
    const input = h("input", { type, name, value: option.value, checked: values.includes(option.value), on: {
      change: async () => {
        const kept = await onChange(option.value, input.checked);
        if (!kept) input.checked = !input.checked && type === "checkbox";
      },
    } });
    return h("label", { class: "choice" }, input, h("span", { class: "choice-text" }, textObject(option.text, ctx.store),
      option.description && h("span", { class: "choice-detail" }, textObject(option.description, ctx.store))));
  });
  return h("div", {
    class: "choices", role: type === "radio" ? "radiogroup" : "group", "aria-labelledby": ctx.labelId ?? null,
    "aria-describedby": ctx.describedBy ?? null, data: marks(element, ctx),
  }, rows);
}
