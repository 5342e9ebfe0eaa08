/**
 * Make the children of a node match a list, touching only what differs.
 *
 * A live card is edited every second or two. Were it drawn anew each time, a button could vanish between a person's
 * mouse-down and mouse-up and the click be lost; so whatever has not changed stays the very same element, and focus
 * that was inside something redrawn goes to the same control in its new form.
 */

const kept = new WeakMap();

/**
 * @param {HTMLElement} parent whose children belong to this function alone
 * @param {Array<{key: string, signature: string, make: () => HTMLElement, update?: (node: HTMLElement) => boolean}>} wanted
 *   `update` may change a node in place and answer true; otherwise it is made anew
 */
export function reconcile(parent, wanted) {
  const old = kept.get(parent) ?? new Map();
  const now = new Map();
  const focus = focusedControl(parent);
  for (const item of wanted) now.set(item.key, entryFor(item, old.get(item.key)));
  const staying = new Set([...now.values()].map((entry) => entry.node));
  for (const { node } of old.values()) if (!staying.has(node)) node.remove();
  let cursor = parent.firstChild;
  for (const { node } of now.values()) {
    if (node === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(node, cursor);
  }
  kept.set(parent, now);
  refocus(parent, focus);
}

function entryFor(item, before) {
  if (before?.signature === item.signature) return before;
  if (before && item.update?.(before.node)) return { node: before.node, signature: item.signature };
  return { node: item.make(), signature: item.signature };
}

function focusedControl(parent) {
  const active = document.activeElement;
  if (!active || !parent.contains(active) || !active.dataset.actionId) return null;
  return { node: active, action: active.dataset.actionId, scope: active.closest("[data-ts]")?.dataset.ts };
}

function refocus(parent, focus) {
  if (!focus || focus.node.isConnected) return;
  const scope = focus.scope ? (parent.querySelector(`[data-ts="${CSS.escape(focus.scope)}"]`) ?? parent) : parent;
  scope.querySelector(`[data-action-id="${CSS.escape(focus.action)}"]`)?.focus({ preventScroll: true });
}
