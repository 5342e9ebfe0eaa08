/**
 * Who this window is, and becoming somebody else.
 *
 * The person is part of the address. Changing it loads the page anew, so nothing of one person's view can linger in
 * another's; every entry can also be opened in a window of its own, to be two people side by side.
 */
import { avatar } from "./avatar.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { arrowKeys, floating } from "./layer.js";
import { clock } from "./times.js";

export function personButton(desk) {
  const me = desk.store.person(desk.store.me);
  const button = h("button", { class: "me", type: "button", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": `You are ${me.name}. Switch person`,
    data: { testid: "me", user: me.id }, on: { click: () => openPeople(button, desk) } },
    avatar({ id: me.id, name: me.name, size: "small" }), h("span", { class: "me-name", dir: "auto" }, me.name), icon("down"));
  return button;
}

function openPeople(anchor, desk) {
  const people = [...desk.store.people.values()].filter((person) => !person.is_bot && !person.deleted);
  const box = h("div", { class: "menu people", role: "menu", "aria-label": "Be somebody else", data: { testid: "people" } },
    h("div", { class: "menu-title" }, "Who you are in this window"), people.map((person) => row(person, desk)));
  arrowKeys(box, ".person");
  anchor.setAttribute("aria-expanded", "true");
  floating(anchor, box, { align: "end", onClose: () => anchor.setAttribute("aria-expanded", "false") });
  (box.querySelector(".person-here") ?? box.querySelector(".person"))?.focus();
}

function row(person, desk) {
  const here = person.id === desk.store.me;
  const { channel } = desk.place();
  const room = desk.store.channel(channel);
  const link = desk.linkTo({ as: person.id, channel: room && !room.is_im ? channel : null });
  const groups = (person.groups ?? []).map((group) => `@${group}`).join(" ");
  return h("div", { class: "person-row" },
    h("a", { class: `person${here ? " person-here" : ""}`, role: "menuitem", href: link, "aria-current": here ? "true" : null, data: { person: person.id } },
      avatar({ id: person.id, name: person.name, size: "normal" }),
      h("span", { class: "person-words" }, h("span", { class: "person-name", dir: "auto" }, person.name),
        h("span", { class: "person-detail" }, [person.title, clock(new Date(), person.tz)].filter(Boolean).join(" · ")),
        groups && h("span", { class: "person-detail" }, groups)),
      here && icon("check")),
    h("a", { class: "icon-button", href: link, target: "_blank", "aria-label": `Be ${person.name} in a new window`, title: "In a new window" }, icon("link")));
}
