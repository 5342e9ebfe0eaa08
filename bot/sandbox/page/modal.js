/**
 * Modals: the stack of views the server holds for this person, its top one shown.
 *
 * The server is the truth: the page shows what GET /driver/views says and asks again after everything it does. A view
 * that is updated in place keeps what was typed (form.js); a pushed view lies on top and gives way again; each view on
 * the stack has its own memory.
 */
import { drawBlock } from "./blocks/registry.js";
import { h, uniqueId } from "./dom.js";
import { createForm, isEmpty } from "./form.js";
import { icon } from "./icons.js";
import { trapFocus } from "./layer.js";
import { plainString } from "./mrkdwn.js";
import { reconcile } from "./reconcile.js";
import { problems } from "./required.js";

/** @param {object} desk */
export function createModals(desk) {
  const { store, api, toasts } = desk;
  const forms = new Map();
  let frame = null;
  let returnTo = null;

  function draw() {
    const stack = store.views.filter((view) => view.type !== "home");
    for (const id of forms.keys()) if (!stack.some((view) => view.id === id)) forms.delete(id);
    const top = stack.at(-1);
    if (!top) return shut();
    if (frame && frame.viewId !== top.id) drop();
    frame ??= open(top);
    return frame.update(top, stack.length);
  }

  function drop() {
    frame.dialog.close();
    frame.dialog.remove();
    frame = null;
  }

  function shut() {
    if (!frame) return;
    drop();
    if (returnTo?.isConnected) returnTo.focus({ preventScroll: true });
    returnTo = null;
  }

  function open(view) {
    if (!returnTo) returnTo = document.activeElement;
    if (!forms.has(view.id)) forms.set(view.id, createForm());
    const made = createFrame({ view, form: forms.get(view.id), desk, close: () => closeView(view.id), closeAll: () => closeView(view.id, true) });
    document.body.append(made.dialog);
    made.dialog.showModal();
    return made;
  }

  async function closeView(id, all = false) {
    await desk.attempt(() => api.close(id, all), "Closing");
    await desk.refetchViews();
  }

  store.on("views", draw);
  return { draw, toasts };
}

function createFrame({ view, form, desk, close, closeAll }) {
  const titleId = uniqueId("modal-title");
  const title = h("h2", { class: "modal-title", id: titleId, dir: "auto", data: { testid: "modal-title" } });
  const back = h("button", { class: "icon-button", type: "button", "aria-label": "Back", hidden: true, data: { testid: "modal-back" }, on: { click: close } }, icon("back"));
  const body = h("div", { class: "modal-body" });
  const closeButton = h("button", { class: "button", type: "button", data: { testid: "modal-close" }, on: { click: close } });
  const submitButton = h("button", { class: "button button-primary", type: "submit", data: { testid: "modal-submit" } }, h("span", { class: "button-text" }));
  const general = h("div", { class: "modal-problem", role: "alert", hidden: true });
  const foot = h("footer", { class: "modal-foot" }, general, closeButton, submitButton);
  const formNode = h("form", { class: "modal-form", novalidate: true, on: { submit: (event) => { event.preventDefault(); submit(); } } },
    h("header", { class: "modal-head" }, back, title,
      h("button", { class: "icon-button", type: "button", "aria-label": "Close", data: { testid: "modal-x" }, on: { click: closeAll } }, icon("close"))), body, foot);
  const dialog = h("dialog", { class: "modal", "aria-labelledby": titleId, data: { testid: "modal", viewId: view.id },
    on: { cancel: (event) => { event.preventDefault(); close(); } } }, formNode);
  trapFocus(dialog);
  let current = view;
  let errors = {};
  let heard = JSON.stringify([view.hash, {}]);
  let drawnBefore = false;

  function update(next, depth) {
    const word = JSON.stringify([next.hash, next.errors ?? {}]);
    if (word !== heard) errors = { ...(next.errors ?? {}) };
    heard = word;
    current = next;
    dialog.dataset.callbackId = next.callback_id ?? "";
    dialog.dataset.hash = next.hash ?? "";
    title.textContent = plainString(next.title);
    back.hidden = depth < 2;
    closeButton.textContent = plainString(next.close) || (depth > 1 ? "Back" : "Cancel");
    submitButton.hidden = !next.submit;
    submitButton.firstChild.textContent = plainString(next.submit);
    foot.hidden = !next.submit && !next.close;
    drawBody();
    if (!drawnBefore) focusFirst();
    drawnBefore = true;
  }

  function drawBody() {
    const shown = errors;
    const where = { view_id: current.id };
    const ctx = { store: desk.store, api: desk.api, toasts: desk.toasts, where, form, state: current.state?.values, errors: shown,
      onInput: forget, press: (action) => desk.press(where, action) };
    reconcile(body, current.blocks.map((block, at) => ({
      key: `${block.block_id ?? at}-${block.type}`,
      signature: JSON.stringify(block),
      make: () => drawBlock(block, ctx, at),
    })));
    for (const note of body.querySelectorAll("[data-error-for]")) setError(note, shown[note.dataset.errorFor]);
    const homeless = Object.entries(shown).filter(([block]) => !body.querySelector(`[data-error-for="${CSS.escape(block)}"]`));
    general.hidden = homeless.length === 0;
    general.textContent = homeless.map(([, text]) => text).join(" ");
  }

  /** Once a person works on a field, its complaint has been heard. */
  function forget(blockId) {
    delete errors[blockId];
    const note = body.querySelector(`[data-error-for="${CSS.escape(blockId)}"]`);
    if (note) setError(note, null);
  }

  function focusFirst() {
    const wanted = current.blocks.find((block) => block.element?.focus_on_load)?.element.action_id;
    const field = (wanted && body.querySelector(`[data-action-id="${CSS.escape(wanted)}"]`))
      || body.querySelector("input, textarea, .select, [role=radiogroup] input") || (current.submit ? submitButton : closeButton);
    field.focus({ preventScroll: true });
  }

  async function submit() {
    if (submitButton.hidden || submitButton.getAttribute("aria-busy") === "true") return;
    errors = problems(current.blocks, (block, action) => form.values()[block]?.[action]);
    drawBody();
    if (Object.keys(errors).length) return firstInvalid();
    submitButton.setAttribute("aria-busy", "true");
    try {
      await answer(await desk.api.submit(current.id, submitted()));
    } catch (error) {
      desk.toasts.error(error, "Submitting");
    } finally {
      submitButton.removeAttribute("aria-busy");
    }
  }

  /** Only what is in the view as it is now, and only what has a value. */
  function submitted() {
    const here = new Set([...body.querySelectorAll("[data-action-id]")].map((node) => `${node.dataset.blockId} ${node.dataset.actionId}`));
    const values = form.values((block, action) => here.has(`${block} ${action}`));
    for (const actions of Object.values(values)) {
      for (const [action, plain] of Object.entries(actions)) if (isEmpty(plain) && !Array.isArray(plain)) actions[action] = null;
    }
    return values;
  }

  async function answer(result) {
    if (result?.ok === false && result.errors) {
      errors = { ...result.errors };
      drawBody();
      return firstInvalid();
    }
    if (result?.ok === false) desk.toasts.error({ code: result.shown ?? result.error }, "Submitting");
    return desk.refetchViews();
  }

  function firstInvalid() {
    const field = body.querySelector("[data-invalid] [data-action-id]");
    (field?.matches("[role]") ? field.querySelector("input") ?? field : field)?.focus();
  }

  return { dialog, viewId: view.id, update };
}

function setError(note, text) {
  note.textContent = text ?? "";
  const input = note.closest(".input");
  if (text) input.dataset.invalid = "true";
  else delete input.dataset.invalid;
  const control = input.querySelector("[data-action-id]");
  if (text) control?.setAttribute("aria-invalid", "true");
  else control?.removeAttribute("aria-invalid");
}
