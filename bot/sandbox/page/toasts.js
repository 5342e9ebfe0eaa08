/** Short notices that come and go: errors of a command, `operation_timeout`, lost connections. Kept long enough to read. */
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";

const SHOWN_MS = 8000;
const SAME_MS = 2500;

/** What Slack's clients tell people for the codes they know; all else is shown as the server said it. */
const SENTENCES = {
  operation_timeout: "failed because the app took longer than 3 seconds to answer (operation_timeout).",
  dispatch_failed: "failed because the app did not answer or answered with an error (dispatch_failed).",
};

/** @param {string} code @param {string} [what] "/deploy", "That button" */
export function sentence(code, what = "That") {
  return SENTENCES[code] ? `${what} ${SENTENCES[code]}` : code;
}

/** @param {HTMLElement} root */
export function createToasts(root) {
  const recent = new Map();

  /** @param {string} text @param {"info"|"good"|"bad"} [tone] */
  function show(text, tone = "info") {
    const now = performance.now();
    if (!text || now - (recent.get(text) ?? -Infinity) < SAME_MS) return; // the answer and the stream may both tell
    recent.set(text, now);
    const toast = h("div", { class: `toast toast-${tone}`, data: { testid: "toast", tone }, role: tone === "bad" ? "alert" : null });
    fill(toast, h("span", { class: "toast-text", dir: "auto" }, text),
      h("button", { class: "icon-button", type: "button", "aria-label": "Dismiss", on: { click: () => toast.remove() } }, icon("close")));
    root.append(toast);
    setTimeout(() => toast.remove(), SHOWN_MS);
  }

  return { show, error: (error, what) => show(sentence(error.code ?? error.message, what), "bad") };
}
