/** Blocks that are mostly words: section, header, markdown, alert, divider. */
import { h } from "../dom.js";
import { element } from "../elements/registry.js";
import { markdown } from "../markdown.js";
import { textObject } from "../mrkdwn.js";

export function section(block, ctx) {
  const fields = (block.fields ?? []).map((one) => h("div", { class: "section-field" }, textObject(one, ctx.store)));
  return h("div", { class: "section" },
    h("div", { class: "section-words" },
      block.text && h("div", { class: "section-text" }, textObject(block.text, ctx.store)),
      fields.length > 0 && h("div", { class: "section-fields" }, fields)),
    block.accessory && h("div", { class: "section-accessory" }, element(block.accessory, ctx)));
}

export function header(block, ctx) {
  return h("div", { class: "header-block", role: "heading", "aria-level": "3", dir: "auto" }, textObject(block.text, ctx.store));
}

export const divider = () => h("hr", { class: "divider" });

export const markdownBlock = (block) => h("div", { class: "markdown" }, markdown(block.text));

export function alert(block, ctx) {
  const level = ["info", "warning", "error", "success"].includes(block.level) ? block.level : "default";
  return h("div", { class: `alert alert-${level}`, role: "note" }, textObject(block.text, ctx.store));
}
