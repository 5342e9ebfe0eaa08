/** Which function draws which element of Block Kit. A new element is one more line here and one function. */
import { h } from "../dom.js";
import { picture } from "../picture.js";
import { button, feedbackButtons, iconButton } from "./button.js";
import { datepicker, datetimepicker, timepicker } from "./calendar.js";
import { checkboxes, radioButtons } from "./choices.js";
import { field } from "./field.js";
import { overflow } from "./overflow.js";
import { select } from "./select.js";

const ELEMENTS = {
  button, overflow, datepicker, timepicker, datetimepicker, checkboxes,
  radio_buttons: radioButtons, feedback_buttons: feedbackButtons, icon_button: iconButton,
  static_select: select, multi_static_select: select, external_select: select, multi_external_select: select,
  users_select: select, multi_users_select: select, conversations_select: select, multi_conversations_select: select,
  channels_select: select, multi_channels_select: select,
  plain_text_input: field, number_input: field, email_text_input: field, url_text_input: field,
  image: (element) => picture(element, "picture-thumb"),
};

/** @returns {HTMLElement} the control, or a note where this page has none for the type */
export function element(spec, ctx) {
  const draw = ELEMENTS[spec?.type];
  return draw ? draw(spec, ctx) : h("span", { class: "unknown" }, `[${spec?.type ?? "element"} is not shown here]`);
}
