/** Pictures, and videos as links: a page that must work offline does not embed other sites. */
import { h } from "../dom.js";
import { link } from "../mention.js";
import { plainString, textObject } from "../mrkdwn.js";
import { picture } from "../picture.js";

export function image(block, ctx) {
  return h("figure", { class: "figure" },
    block.title && h("figcaption", { class: "figure-title" }, textObject(block.title, ctx.store)),
    picture(block, "picture-large"));
}

export function video(block, ctx) {
  const title = plainString(block.title) || block.alt_text || "Video";
  return h("div", { class: "video" },
    h("div", {}, "▶ ", link(block.title_url ?? block.video_url ?? "", title)),
    block.description && h("div", { class: "video-words" }, textObject(block.description, ctx.store)));
}
