/** What one can do with a message of one's own: reword it, delete it. */
import { h } from "./dom.js";
import { arrowKeys, ask, floating } from "./layer.js";
import { decode } from "./inline.js";

/** @param {HTMLElement} anchor @param {object} message @param {object} desk @param {string} channel */
export function ownMenu(anchor, message, desk, channel) {
  const item = (label, testid, act) => h("button", { class: "menu-item", type: "button", role: "menuitem", data: { testid }, on: { click: () => {
    close();
    act();
  } } }, label);
  const box = h("div", { class: "menu", role: "menu" }, item("Edit message", "edit", () => edit(message, desk, channel)),
    item("Delete message", "delete", () => remove(message, desk, channel)));
  arrowKeys(box);
  const close = floating(anchor, box, { align: "end" });
  box.firstChild.focus();
}

async function edit(message, desk, channel) {
  const field = h("textarea", { class: "field field-long", rows: 4, dir: "auto", "aria-label": "New words", data: { testid: "edit-text" } });
  field.value = decode(message.text ?? "");
  const wanted = await ask({ title: "Edit message", text: field, confirm: "Save", deny: "Cancel", focus: field });
  const text = field.value.trim();
  if (wanted && text && text !== decode(message.text ?? "")) await desk.attempt(() => desk.api.edit(channel, message.ts, text), "Editing");
}

async function remove(message, desk, channel) {
  const wanted = await ask({ title: "Delete message", text: "Nobody will see it any more. This cannot be undone.", confirm: "Delete",
    deny: "Cancel", danger: true });
  if (wanted) await desk.attempt(() => desk.api.remove(channel, message.ts), "Deleting");
}
