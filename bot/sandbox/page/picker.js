/** A small board of emoji, for reactions and for the composer. */
import { h } from "./dom.js";
import { EMOJI, PICKED, emojiOf } from "./emoji.js";
import { floating } from "./layer.js";

const COLUMNS = 8;
const FOUND = 40;

/** @param {HTMLElement} anchor @param {(name: string) => void} onPick */
export function pickEmoji(anchor, onPick) {
  const board = h("div", { class: "picker-board", role: "listbox", "aria-label": "Emoji" });
  const search = h("input", { class: "options-filter", type: "text", placeholder: "Search emoji", "aria-label": "Search emoji", autocomplete: "off" });
  const draw = () => {
    const typed = search.value.trim().toLowerCase().replaceAll(" ", "_").replaceAll(":", "");
    const names = typed ? [...EMOJI.keys()].filter((name) => name.includes(typed)).slice(0, FOUND) : PICKED;
    board.replaceChildren(...names.map((name) => h("button", {
      class: "picker-emoji", type: "button", role: "option", "aria-selected": "false", title: `:${name}:`, "aria-label": name.replaceAll("_", " "),
      data: { emoji: name }, on: { click: () => { close(); onPick(name); } } }, emojiOf(name))));
  };
  const box = h("div", { class: "menu picker", data: { testid: "emoji-picker" } }, search, board);
  box.addEventListener("keydown", (event) => steer(event, board, search));
  search.addEventListener("input", draw);
  draw();
  const close = floating(anchor, box, { align: "end", prefer: "above" });
  search.focus();
}

pickEmoji.glyph = (name) => h("span", { class: "emoji" }, emojiOf(name));

function steer(event, board, search) {
  const items = [...board.children];
  const at = items.indexOf(document.activeElement);
  if (event.key === "Enter" && document.activeElement === search) items[0]?.click();
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: at < 0 ? 1 : COLUMNS, ArrowUp: -COLUMNS }[event.key];
  if (step === undefined || (at < 0 && event.key !== "ArrowDown")) return;
  event.preventDefault();
  (items[at + step] ?? (at + step < 0 ? search : items.at(-1))).focus();
}
