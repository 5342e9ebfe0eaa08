/** The app's own place: its Home tab, published by the app, and its Messages tab, the conversation with it. */
import { avatar } from "./avatar.js";
import { blockItems } from "./blocks/registry.js";
import { fill, h } from "./dom.js";
import { createForm } from "./form.js";
import { reconcile } from "./reconcile.js";

/** The two tabs. @param {"home"|"messages"} current */
export function appTabs(desk, current) {
  const dm = desk.store.appDm();
  const tab = (key, label, open, there) => h("button", { class: "tab", role: "tab", type: "button", "aria-selected": String(current === key),
    disabled: !there, data: { testid: `tab-${key}` }, on: { click: open } }, label);
  return h("div", { class: "tabs", role: "tablist", "aria-label": "Parts of the app" },
    tab("home", "Home", () => desk.openHome(), true), tab("messages", "Messages", () => desk.openChannel(dm.id), Boolean(dm)));
}

/** @param {HTMLElement} root @param {object} desk */
export function openHome(root, desk) {
  const { store } = desk;
  const name = store.bot().name ?? "App";
  const body = h("div", { class: "home-body", data: { testid: "home" } });
  let form = createForm();
  let viewId = null;
  fill(root, h("header", { class: "channel-head" }, avatar({ id: "app", name, bot: true, size: "small" }), h("h1", { class: "channel-name" }, name),
    h("span", { class: "app-label" }, "APP")), appTabs(desk, "home"), h("div", { class: "home", tabindex: "0" }, body));

  function draw() {
    const view = store.home;
    if (view?.id !== viewId) form = createForm();
    viewId = view?.id ?? null;
    if (viewId) body.dataset.viewId = viewId;
    reconcile(body, view ? blockItems(view.blocks, contextOf(view)) : [{ key: "empty", signature: "", make: () => empty(name) }]);
  }

  function contextOf(view) {
    const where = { view_id: view.id };
    const press = (action) => desk.press(where, action);
    return { store, api: desk.api, toasts: desk.toasts, where, form, state: view.state?.values, press };
  }

  draw();
  return { draw };
}

function empty(name) {
  return h("div", { class: "home-empty" }, avatar({ id: "app", name, bot: true, size: "large" }),
    h("p", {}, `${name} has not published its Home yet.`));
}
