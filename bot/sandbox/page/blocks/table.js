/** Tables: the first row is the head; wide ones scroll inside their own box. */
import { h } from "../dom.js";
import { plainText } from "../mrkdwn.js";
import { richText } from "./richtext.js";

export function table(block, ctx) {
  const [head, ...body] = block.rows ?? [];
  const row = (cells, tag) => h("tr", {}, (cells ?? []).map((cell, at) => cellOf(cell, tag, block.column_settings?.[at], ctx)));
  return h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Table" },
    h("table", { class: "table" }, head && h("thead", {}, row(head, "th")), h("tbody", {}, body.map((cells) => row(cells, "td")))));
}

function cellOf(cell, tag, settings, ctx) {
  const align = settings?.align ?? (cell?.type === "raw_number" ? "right" : "left");
  const classes = `cell-${align}${settings?.is_wrapped ? " cell-wrapped" : ""}`;
  const content = cell?.type === "rich_text" ? richText(cell, ctx) : plainText(cell?.text ?? String(cell?.value ?? ""));
  return h(tag, { class: classes, scope: tag === "th" ? "col" : null, dir: "auto" }, content);
}
