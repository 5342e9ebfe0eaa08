/** The bar on top: what this is, whether it is live, and who one is. */
import { fill, h } from "./dom.js";
import { icon, logo } from "./icons.js";
import { personButton } from "./people.js";

/** @param {HTMLElement} root @param {object} desk @param {() => void} toggleDrawer */
export function createTopbar(root, desk, toggleDrawer) {
  const state = h("span", { class: "live", role: "status", data: { testid: "connection", state: "connecting" } });
  const menu = h("button", { class: "icon-button topbar-menu", type: "button", "aria-label": "Channels", "aria-expanded": "false",
    "aria-controls": "sidebar", data: { testid: "menu" }, on: { click: toggleDrawer } }, icon("menu"));
  fill(root, menu, h("a", { class: "brand", href: desk.linkTo({}) }, logo(), h("span", { class: "brand-name" }, "Slipway ", h("span", {}, "local Slack"))),
    h("span", { class: "spacer" }), state, personButton(desk));

  return {
    menu,
    /** @param {"live"|"reconnecting"} now */
    setState(now) {
      state.dataset.state = now;
      state.textContent = now === "live" ? "" : "Reconnecting…";
      state.title = now === "live" ? "Live" : "The local Slack does not answer. This page goes on by itself when it does.";
    },
  };
}
