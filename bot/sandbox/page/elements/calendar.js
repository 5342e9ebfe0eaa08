/**
 * Dates and times: the browser's own pickers, which people know and which work by keyboard and on phones.
 *
 * A datetimepicker's value is a moment (epoch seconds); it is shown and read in the time zone of this window's person.
 */
import { h } from "../dom.js";
import { epochOf, wallOf } from "../times.js";
import { changed, marks, startingValue } from "./action.js";

function picker(element, ctx, { type, initial, toField = (value) => value, toPlain = (text) => text }) {
  const start = startingValue(element, ctx, initial ?? null);
  const input = h("input", {
    class: "field field-when", type, value: start === null || start === undefined ? null : toField(start),
    "aria-labelledby": ctx.labelId ?? null, "aria-label": ctx.labelId ? null : (element.placeholder?.text ?? "When"),
    "aria-describedby": ctx.describedBy ?? null, data: marks(element, ctx),
    on: { change: () => changed(element, ctx, input.value ? toPlain(input.value) : null) },
  });
  return input;
}

export const datepicker = (element, ctx) => picker(element, ctx, { type: "date", initial: element.initial_date });

export const timepicker = (element, ctx) => picker(element, ctx, { type: "time", initial: element.initial_time });

export function datetimepicker(element, ctx) {
  const zone = ctx.store.zone();
  return picker(element, ctx, {
    type: "datetime-local",
    initial: element.initial_date_time,
    toField: (epoch) => wallOf(epoch, zone),
    toPlain: (wall) => epochOf(wall, zone),
  });
}
