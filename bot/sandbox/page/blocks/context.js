/** Small print: texts and little pictures in a row. */
import { h } from "../dom.js";
import { textObject } from "../mrkdwn.js";
import { picture } from "../picture.js";

export function context(block, ctx) {
  return h("div", { class: "context" }, (block.elements ?? []).map((one) =>
    one.type === "image" ? picture(one, "picture-tiny") : h("div", { class: "context-text" }, textObject(one, ctx.store))));
}
