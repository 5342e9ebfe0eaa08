/**
 * Faces: initials on a colour that follows from the id, so a person looks the same in every window; the app wears the
 * logo. Drawn here because the page may load nothing from elsewhere.
 */
import { h } from "./dom.js";
import { logo } from "./icons.js";

const HUES = [206, 158, 262, 22, 332, 186, 44, 290, 122, 352];

function hueOf(id) {
  let sum = 7;
  for (const letter of String(id)) sum = (sum * 31 + letter.codePointAt(0)) >>> 0;
  return HUES[sum % HUES.length];
}

/** First letters of the first and the last word; whole code points, so that names in any script work. */
export function initials(name) {
  const words = String(name).trim().split(/[\s._-]+/u).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => [...word][0]).join("").toUpperCase() || "?";
}

/** @param {{id: string, name: string, bot?: boolean, size?: "small"|"normal"|"large"}} who */
export function avatar({ id, name, bot = false, size = "normal" }) {
  if (bot) return h("span", { class: `avatar avatar-bot avatar-${size}`, "aria-hidden": "true" }, logo());
  const style = { "--hue": hueOf(id) };
  return h("span", { class: `avatar avatar-${size}`, style, "aria-hidden": "true" }, initials(name));
}
