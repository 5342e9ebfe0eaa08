/** The "…" menu of a message. */
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { arrowKeys, floating } from "../layer.js";
import { textObject } from "../mrkdwn.js";
import { marks, press } from "./action.js";

export function overflow(element, ctx) {
  const node = h("button", {
    class: "button button-icon", type: "button", "aria-label": "More actions", "aria-haspopup": "menu", "aria-expanded": "false",
    data: marks(element, ctx), on: { click: () => openMenu(element, ctx, node) },
  }, icon("dots"));
  return node;
}

function openMenu(element, ctx, anchor) {
  const choose = (option) => {
    close();
    if (option.url) window.open(option.url, "_blank", "noopener");
    press(element, ctx, { selected_option: option.value }, anchor);
  };
  const items = (element.options ?? []).map((option) =>
    h("button", { class: "menu-item", type: "button", role: "menuitem", data: { value: option.value }, on: { click: () => choose(option) } },
      textObject(option.text, ctx.store), option.description && h("span", { class: "option-detail" }, textObject(option.description, ctx.store))));
  const box = h("div", { class: "menu", role: "menu", data: { testid: "overflow-menu" } }, items);
  arrowKeys(box);
  anchor.setAttribute("aria-expanded", "true");
  const close = floating(anchor, box, { align: "end", onClose: () => anchor.setAttribute("aria-expanded", "false") });
  items[0]?.focus();
}
