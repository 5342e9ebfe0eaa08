/** Blocks that hold others: card, carousel (cards side by side), container (a titled frame that may fold). */
import { h } from "../dom.js";
import { element } from "../elements/registry.js";
import { textObject } from "../mrkdwn.js";
import { picture } from "../picture.js";

export function card(block, ctx) {
  return h("div", { class: "card-block" },
    block.hero_image && picture(block.hero_image, "picture-large"),
    h("div", { class: "card-block-words" }, headOf(block, ctx), block.body && h("div", {}, textObject(block.body, ctx.store)),
      block.actions?.length && h("div", { class: "actions" }, block.actions.map((one) => element(one, ctx)))));
}

export function carousel(block, ctx) {
  return h("div", { class: "carousel", tabindex: "0", role: "group", "aria-label": "Cards" },
    (block.elements ?? []).map((one, at) => ctx.draw(one, ctx, at)));
}

/** The controls of a container's children belong to the children's own block_ids. */
export function container(block, ctx) {
  const children = (block.child_blocks ?? []).map((child, at) => ctx.draw(child, ctx, at));
  const head = headOf(block, ctx);
  if (!block.is_collapsible) return h("div", { class: "container" }, h("div", { class: "container-head" }, head), children);
  return h("details", { class: "container", open: block.default_collapsed !== true }, h("summary", { class: "container-head" }, head), children);
}

function headOf({ icon, title, rich_text_title: richTitle, subtitle }, ctx) {
  return h("div", { class: "card-block-head" }, icon && picture(icon, "picture-tiny"),
    h("div", {}, (richTitle || title) && h("div", { class: "card-block-title" }, richTitle ? ctx.draw(richTitle, ctx, 0) : textObject(title, ctx.store)),
      subtitle && h("div", { class: "card-block-subtitle" }, textObject(subtitle, ctx.store))));
}
