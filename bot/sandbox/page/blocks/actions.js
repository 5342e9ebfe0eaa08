/** Rows of controls. */
import { h } from "../dom.js";
import { element } from "../elements/registry.js";

export function actions(block, ctx) {
  return h("div", { class: "actions", role: "group" }, (block.elements ?? []).map((one) => element(one, ctx)));
}

export function contextActions(block, ctx) {
  return h("div", { class: "actions actions-small", role: "group" }, (block.elements ?? []).map((one) => element(one, ctx)));
}
