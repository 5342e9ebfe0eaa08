/**
 * Things that float above the page: small menus at an anchor, and dialogs.
 *
 * Menus use the browser's popover (top layer, closes on Escape and on a click elsewhere); they are put inside the open
 * dialog if their anchor is, because a modal dialog makes everything outside of it inert. Dialogs are `<dialog>`:
 * Escape, backdrop and inertness come with it, and the Tab key is kept going round inside.
 */
import { h } from "./dom.js";

const GAP = 4;
const EDGE = 8;

/**
 * Open a floating box at an anchor.
 *
 * @param {HTMLElement} anchor @param {HTMLElement} box
 * @param {{onClose?: () => void, align?: "start"|"end", prefer?: "below"|"above", match?: boolean}} [how] `match`: at
 *   least as wide as the anchor
 * @returns {() => void} closes it; focus goes back to the anchor, unless it is somewhere else already
 */
export function floating(anchor, box, { onClose = () => {}, align = "start", prefer = "below", match = false } = {}) {
  box.popover = "auto";
  box.classList.add("floating");
  if (match) box.style.minWidth = `${anchor.getBoundingClientRect().width}px`;
  (anchor.closest("dialog") ?? document.body).append(box);
  const replace = () => place(anchor, box, align, prefer);
  const watcher = new ResizeObserver(replace);
  const over = () => {
    if (!box.isConnected) return;
    const isFocusHere = box.contains(document.activeElement) || document.activeElement === document.body;
    watcher.disconnect();
    window.removeEventListener("resize", replace);
    box.remove();
    if (isFocusHere) anchor.focus({ preventScroll: true });
    onClose();
  };
  box.addEventListener("toggle", (event) => event.newState === "closed" && over());
  box.showPopover();
  replace();
  watcher.observe(box);
  window.addEventListener("resize", replace);
  return over;
}

function place(anchor, box, align, prefer) {
  const at = anchor.getBoundingClientRect();
  const { width, height } = box.getBoundingClientRect();
  const roomBelow = window.innerHeight - at.bottom - EDGE;
  const below = prefer === "below" ? roomBelow >= height + GAP || roomBelow >= at.top : at.top < height + GAP + EDGE;
  const left = align === "end" ? at.right - width : at.left;
  const top = below ? at.bottom + GAP : at.top - height - GAP;
  box.style.left = `${Math.round(clamp(left, EDGE, window.innerWidth - width - EDGE))}px`;
  box.style.top = `${Math.round(clamp(top, EDGE, window.innerHeight - height - EDGE))}px`;
}

const clamp = (value, low, high) => Math.max(low, Math.min(value, Math.max(low, high)));

/** Arrow keys, Home and End move between the buttons or links of a box. */
export function arrowKeys(box, selector = "button, a") {
  box.addEventListener("keydown", (event) => {
    const items = [...box.querySelectorAll(selector)].filter((item) => !item.disabled);
    const at = items.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (next === undefined || !items.length) return;
    event.preventDefault();
    items.at(next % items.length).focus();
  });
}

const FOCUSABLE = 'a[href], button:not([disabled]), input:not([disabled]), textarea:not([disabled]), [tabindex="0"]';

/** Tab and Shift+Tab go round inside the box. */
export function trapFocus(box) {
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" || event.target.closest("[popover]")) return;
    const items = [...box.querySelectorAll(FOCUSABLE)].filter((item) => item.offsetParent !== null);
    const [first, last] = [items[0], items.at(-1)];
    if (event.shiftKey && document.activeElement === first) {
      event.preventDefault();
      last?.focus();
    } else if (!event.shiftKey && document.activeElement === last) {
      event.preventDefault();
      first?.focus();
    }
  });
}

/**
 * Ask a yes-or-no question, as a Block Kit confirm object puts it.
 *
 * @returns {Promise<boolean>}
 */
export function ask({ title, text, confirm, deny, danger = false, focus = null }) {
  const titleId = `ask-${Math.round(performance.now())}`;
  return new Promise((resolve) => {
    const done = (answer) => () => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const yes = h("button", { class: `button ${danger ? "button-danger" : "button-primary"}`, type: "button",
      data: { testid: "confirm-yes" }, on: { click: done(true) } }, confirm);
    const no = h("button", { class: "button", type: "button", data: { testid: "confirm-no" }, on: { click: done(false) } }, deny);
    const dialog = h("dialog", { class: "ask", "aria-labelledby": titleId, data: { testid: "confirm" },
      on: { cancel: (event) => { event.preventDefault(); done(false)(); } } },
      h("h2", { id: titleId, class: "ask-title" }, title), h("div", { class: "ask-text" }, text),
      h("div", { class: "ask-buttons" }, no, yes));
    trapFocus(dialog);
    document.body.append(dialog);
    dialog.showModal();
    (focus ?? yes).focus();
  });
}
