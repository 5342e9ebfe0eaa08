/** A labelled control of a modal, with its hint and, after a refused submission, what is wrong with it. */
import { h, uniqueId } from "../dom.js";
import { element } from "../elements/registry.js";
import { textObject } from "../mrkdwn.js";

export function input(block, ctx) {
  const [labelId, hintId, errorId] = [uniqueId("label"), uniqueId("hint"), uniqueId("error")];
  const message = ctx.errors?.[ctx.blockId];
  const described = [block.hint && hintId, errorId].filter(Boolean).join(" ");
  const own = { ...ctx, labelId, describedBy: described, input: { dispatch: block.dispatch_action === true } };
  return h("div", { class: "input", data: { invalid: message ? "true" : null } },
    h("div", { class: "input-label", id: labelId }, textObject(block.label, ctx.store),
      block.optional && h("span", { class: "input-optional" }, " (optional)")),
    element(block.element, own),
    block.hint && h("div", { class: "input-hint", id: hintId }, textObject(block.hint, ctx.store)),
    h("div", { class: "input-error", id: errorId, role: "alert", data: { testid: "input-error", errorFor: ctx.blockId } }, message ?? ""));
}
