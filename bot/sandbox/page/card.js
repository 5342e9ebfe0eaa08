/** Who somebody is: the little card behind a face, a name or a mention; and the way to a direct message. */
import { avatar } from "./avatar.js";
import { h } from "./dom.js";
import { floating } from "./layer.js";
import { clock } from "./times.js";

/** @param {HTMLElement} anchor @param {object} desk @param {string} id of a person; of nobody known, nothing happens */
export function openCard(anchor, desk, id) {
  const person = desk.store.person(id);
  if (!person) return;
  const isMe = id === desk.store.me;
  const rows = [
    person.title && ["Title", person.title],
    person.groups?.length && ["Groups", person.groups.map((group) => `@${group}`).join(", ")],
    person.tz && !person.is_bot && ["Local time", `${clock(new Date(), person.tz)} (${person.tz.replaceAll("_", " ")})`],
  ].filter(Boolean);
  const message = h("button", { class: "button", type: "button", data: { testid: "card-message" }, on: { click: () => {
    close();
    if (person.is_bot) desk.openHome();
    else desk.talkTo(id);
  } } }, person.is_bot ? "Open the app" : "Message");
  const box = h("div", { class: "menu card", role: "dialog", "aria-label": person.name, data: { testid: "card" } },
    h("div", { class: "card-head" }, avatar({ id, name: person.name, bot: person.is_bot, size: "large" }),
      h("div", {}, h("div", { class: "card-name", dir: "auto" }, person.name), h("div", { class: "card-handle" }, `@${person.handle ?? id}`))),
    rows.map(([label, value]) => h("div", { class: "card-row" }, h("span", {}, label), h("span", { dir: "auto" }, value))),
    !isMe && message);
  const close = floating(anchor, box);
}
