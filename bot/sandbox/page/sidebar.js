/** Channels, direct messages and the app, with what is unread. Links, so that they open in a new window as links do. */
import { avatar } from "./avatar.js";
import { fill, h } from "./dom.js";

/** @param {HTMLElement} root @param {object} desk */
export function createSidebar(root, desk) {
  const { store } = desk;

  function draw() {
    const rooms = store.channels.filter((channel) => !channel.is_im && !channel.is_archived);
    const talks = store.channels.filter((channel) => channel.is_im && channel.user !== store.botUserId() && channel.user !== store.me);
    const focused = document.activeElement?.dataset?.room;
    fill(root,
      h("div", { class: "sidebar-team" }, h("span", { class: "sidebar-team-name" }, store.info.team?.name ?? "Local workspace")),
      section("Channels", [...rooms].sort((a, b) => a.name.localeCompare(b.name)).map(room)),
      talks.length > 0 && section("Direct messages", talks.map(talk)),
      section("Apps", [app()]));
    if (focused) root.querySelector(`[data-room="${CSS.escape(focused)}"]`)?.focus();
  }

  function row({ key, href, open, isHere, unread = 0, mentions = 0, data = {}, label }, ...content) {
    return h("li", {}, h("a", {
      class: `room${isHere ? " room-here" : ""}${unread && !isHere ? " room-unread" : ""}`,
      href, "aria-current": isHere ? "page" : null, "aria-label": unread && !isHere ? `${label}, ${unread} unread` : label,
      data: { room: key, unread, mentions, ...data },
      on: { click: (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        open();
      } },
    }, ...content, mentions > 0 && !isHere && h("span", { class: "badge", data: { testid: "badge" } }, mentions > 99 ? "99+" : mentions)));
  }

  function room(channel) {
    const here = desk.place();
    return row({
      key: channel.id, label: `#${channel.name}`, href: desk.linkTo({ channel: channel.id }), open: () => desk.openChannel(channel.id),
      isHere: !here.home && here.channel === channel.id, unread: channel.unread, mentions: channel.mentions,
      data: { testid: "channel", channel: channel.id, name: channel.name },
    }, h("span", { class: "room-mark", "aria-hidden": "true" }, "#"), h("span", { class: "room-name", dir: "auto" }, channel.name));
  }

  function talk(channel) {
    const person = store.person(channel.user);
    const name = person?.name ?? channel.name ?? channel.user;
    return row({
      key: channel.id, label: name, href: desk.linkTo({ channel: channel.id }), open: () => desk.openChannel(channel.id),
      isHere: desk.place().channel === channel.id, unread: channel.unread, mentions: channel.mentions || channel.unread,
      data: { testid: "dm", channel: channel.id, user: channel.user },
    }, avatar({ id: channel.user, name, size: "small" }), h("span", { class: "room-name", dir: "auto" }, name));
  }

  function app() {
    const dm = store.appDm();
    const here = desk.place();
    return row({
      key: "app", label: store.bot().name ?? "App", href: desk.linkTo({ home: true }), open: () => desk.openHome(),
      isHere: here.home || (dm && here.channel === dm.id), unread: dm?.unread, mentions: dm?.unread ?? 0,
      data: { testid: "app-home", channel: dm?.id },
    }, avatar({ id: "app", name: "app", bot: true, size: "small" }), h("span", { class: "room-name" }, store.bot().name ?? "App"));
  }

  store.on("channels", draw);
  store.on("place", draw);
  return { draw };
}

function section(title, rows) {
  return h("section", { class: "sidebar-section" }, h("h2", { class: "sidebar-title" }, title), h("ul", { class: "rooms" }, rows));
}
