/**
 * Selects of every kind: a control that shows the choice and opens a list with a filter above it.
 *
 * Made by hand rather than with the browser's `<select>` because Slack's selects filter, group, describe their options,
 * ask the app for them, and choose several. Roles follow the ARIA combobox pattern: the filter field owns the list and
 * points at the active option, so screen readers and the keyboard follow.
 */
import { debounce, fill, h, uniqueId } from "../dom.js";
import { icon } from "../icons.js";
import { floating } from "../layer.js";
import { plainString } from "../mrkdwn.js";
import { changed, marks, remember, startingValue } from "./action.js";
import { initialOptions, optionOf, sourceOf } from "./options.js";

export function select(element, ctx) {
  const many = element.type.startsWith("multi_");
  const source = sourceOf(element, ctx);
  const initial = initialOptions(element, ctx);
  const known = new Map(initial.map((option) => [option.value, option]));
  for (const option of [ctx.state?.[ctx.blockId]?.[element.action_id]].flatMap(statedOptions)) known.set(option.value, option);
  for (const option of ctx.form.get(ctx.blockId, element.action_id, element.type)?.options ?? []) known.set(option.value, option);
  const start = startingValue(element, ctx, many ? initial.map((one) => one.value) : (initial[0]?.value ?? null));
  let values = [].concat(start ?? []);

  const shown = h("span", { class: "select-shown" });
  const control = h("button", {
    class: `select${many ? " select-many" : ""}`,
    type: "button",
    "aria-haspopup": "listbox",
    "aria-expanded": "false",
    "aria-labelledby": ctx.labelId ?? null,
    "aria-label": ctx.labelId ? null : plainString(element.placeholder) || "Choose",
    "aria-describedby": ctx.describedBy ?? null,
    data: marks(element, ctx),
    on: { click: () => openList() },
  }, shown, icon("down"));

  function labelOf(value) {
    return known.get(value)?.label ?? ctx.store.person(value)?.name ?? channelName(ctx.store, value) ?? value;
  }

  function draw() {
    control.classList.toggle("select-empty", values.length === 0);
    control.dataset.value = values.join(",");
    const placeholder = plainString(element.placeholder) || (many ? "Choose…" : "Choose one…");
    if (!values.length) fill(shown, placeholder);
    else if (many) fill(shown, values.map((value) => h("span", { class: "chip", dir: "auto" }, labelOf(value))));
    else fill(shown, h("span", { dir: "auto" }, labelOf(values[0])));
  }

  async function settle(next) {
    const before = values;
    values = next;
    draw();
    const plain = many ? values : (values[0] ?? null);
    const options = values.map((value) => known.get(value) ?? { value, label: labelOf(value) });
    const kept = await changed(element, ctx, plain, options);
    if (kept) return;
    values = before; // the person said no to the confirmation, or the app could not be reached
    remember(element, ctx, many ? before : (before[0] ?? null), options);
    draw();
  }

  function openList() {
    if (control.getAttribute("aria-expanded") === "true") return;
    control.setAttribute("aria-expanded", "true");
    const close = openOptions({
      anchor: control,
      source,
      many,
      hint: element.type.includes("external") ? hintOf(element) : null,
      isChosen: (value) => values.includes(value),
      onClose: () => control.setAttribute("aria-expanded", "false"),
      onPick: (option) => {
        known.set(option.value, option);
        if (!many) {
          close();
          return settle([option.value]);
        }
        const without = values.filter((value) => value !== option.value);
        const full = element.max_selected_items && without.length >= element.max_selected_items;
        if (values.includes(option.value)) return settle(without);
        return full ? undefined : settle([...values, option.value]);
      },
    });
  }

  draw();
  return control;
}

/** What the server knows of options chosen before this page was loaded: their labels. */
function statedOptions(state) {
  return [state?.selected_option, ...(state?.selected_options ?? [])].filter(Boolean).map((option) => optionOf(option));
}

function hintOf(element) {
  const least = element.min_query_length ?? 3;
  return least > 0 ? `Type ${least} or more letters to search.` : null;
}

function channelName(store, id) {
  const channel = store.channel(id);
  if (!channel) return null;
  return channel.is_im ? (store.person(channel.user)?.name ?? channel.name) : `#${channel.name}`;
}

/** The list itself, floating at the control. */
function openOptions({ anchor, source, many, hint, isChosen, onPick, onClose }) {
  const listId = uniqueId("options");
  const list = h("div", { class: "options", id: listId, role: "listbox", "aria-multiselectable": many ? "true" : null });
  const filter = h("input", {
    class: "options-filter", type: "text", role: "combobox", placeholder: "Search", autocomplete: "off", spellcheck: "false",
    "aria-label": "Search the options", "aria-expanded": "true", "aria-controls": listId, "aria-autocomplete": "list",
    data: { testid: "options-filter" },
  });
  let rows = [];
  let at = 0;
  let asked = 0;

  function point(next) {
    rows[at]?.node.classList.remove("option-active");
    at = rows.length ? (next + rows.length) % rows.length : 0;
    rows[at]?.node.classList.add("option-active");
    rows[at]?.node.scrollIntoView({ block: "nearest" });
    if (rows[at]) filter.setAttribute("aria-activedescendant", rows[at].node.id);
  }

  function pick(row) {
    onPick(row.option);
    if (many) for (const other of rows) other.node.setAttribute("aria-selected", String(isChosen(other.option.value)));
  }

  function draw(options) {
    let group = null;
    rows = [];
    const nodes = options.flatMap((option) => {
      const head = option.group && option.group !== group ? h("div", { class: "options-group" }, option.group) : null;
      group = option.group;
      const node = optionRow(option, isChosen(option.value), () => pick(row));
      const row = { option, node };
      rows.push(row);
      return [head, node];
    });
    fill(list, nodes.length ? nodes : h("div", { class: "options-none" }, (filter.value ? null : hint) ?? "Nothing matches."));
    point(Math.max(rows.findIndex((row) => isChosen(row.option.value)), 0));
  }

  async function load() {
    asked += 1;
    const mine = asked;
    list.setAttribute("aria-busy", "true");
    try {
      const options = await source(filter.value.trim());
      if (mine === asked) draw(options);
    } catch (error) {
      if (mine === asked) fill(list, h("div", { class: "options-none" }, `The app did not answer (${error.code ?? error.message}).`));
    } finally {
      list.removeAttribute("aria-busy");
    }
  }

  const keys = {
    ArrowDown: () => point(at + 1),
    ArrowUp: () => point(at - 1),
    Enter: () => rows[at] && pick(rows[at]),
    Tab: () => close(),
  };
  filter.addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.isComposing) return;
    event.preventDefault();
    keys[event.key]();
  });
  filter.addEventListener("input", hint === null ? load : debounce(load, 180));
  const close = floating(anchor, h("div", { class: "menu options-box", data: { testid: "options" } }, filter, list), { onClose, match: true });
  filter.focus();
  load();
  return close;
}

function optionRow({ value, label, detail }, isChosen, pick) {
  return h("div", {
    class: "option", role: "option", id: uniqueId("option"), "aria-selected": String(isChosen), data: { value },
    on: { click: pick, mousedown: (event) => event.preventDefault() },
  }, h("span", { class: "option-label", dir: "auto" }, label), detail && h("span", { class: "option-detail", dir: "auto" }, detail),
  icon("check"));
}
