/**
 * What every control does when a person uses it: remember the value, ask for confirmation if wanted, tell the server.
 *
 * The names in ACTION_KEYS are Slack's own: what a control of each type puts into its action. Controls of an `input`
 * block stay quiet until the view is submitted, unless the block says dispatch_action.
 */
import { ask } from "../layer.js";
import { plainString, textObject } from "../mrkdwn.js";

const ACTION_KEYS = {
  static_select: "selected_option", external_select: "selected_option", radio_buttons: "selected_option",
  overflow: "selected_option", multi_static_select: "selected_options", multi_external_select: "selected_options",
  checkboxes: "selected_options", users_select: "selected_user", multi_users_select: "selected_users",
  conversations_select: "selected_conversation", multi_conversations_select: "selected_conversations",
  channels_select: "selected_channel", multi_channels_select: "selected_channels", datepicker: "selected_date",
  timepicker: "selected_time", datetimepicker: "selected_date_time",
};

/** @returns {object} the part of a press that says what was chosen */
export function chosen(type, plain) {
  return { [ACTION_KEYS[type] ?? "value"]: plain };
}

/** Attributes by which tests and scripts find a control. */
export function marks(element, ctx) {
  return { actionId: element.action_id, blockId: ctx.blockId, element: element.type };
}

/** The value a control starts with: what the person gave before, else what the server knows, else the app's initial. */
export function startingValue(element, ctx, initial) {
  const remembered = ctx.form.get(ctx.blockId, element.action_id, element.type);
  const value = remembered ? remembered.plain : (stateOf(element, ctx) ?? initial);
  if (!remembered) ctx.form.set(ctx.blockId, element.action_id, { type: element.type, plain: value });
  return value;
}

function stateOf(element, ctx) {
  const known = ctx.state?.[ctx.blockId]?.[element.action_id];
  if (!known || known.type !== element.type) return undefined;
  const value = known[ACTION_KEYS[element.type] ?? "value"];
  if (Array.isArray(value)) return value.map((item) => item?.value ?? item);
  return value?.value ?? value ?? undefined;
}

export function remember(element, ctx, plain, options = undefined) {
  const isUntold = Boolean(ctx.input) && !ctx.input.dispatch;
  ctx.form.set(ctx.blockId, element.action_id, { type: element.type, plain, options, isUntold });
}

/** A control changed: remember it, and tell unless it waits for Submit. */
export async function changed(element, ctx, plain, options = undefined) {
  remember(element, ctx, plain, options);
  ctx.onInput?.(ctx.blockId);
  if (ctx.input && !ctx.input.dispatch) return true;
  return press(element, ctx, chosen(element.type, plain));
}

/**
 * Tell the server about an action, after the element's confirm dialog if it has one.
 *
 * @returns {Promise<boolean>} false when the person thought better of it or it failed (they have seen why)
 */
export async function press(element, ctx, choice, node = null) {
  if (element.confirm && !(await confirmed(element.confirm, ctx))) return false;
  node?.setAttribute("aria-busy", "true");
  try {
    for (const { type, block, action, plain } of ctx.form.untold()) {
      await ctx.press({ action_id: action, block_id: block, ...chosen(type, plain) }); // an input block only remembers
    }
    await ctx.press({ action_id: element.action_id, block_id: ctx.blockId, ...choice });
    return true;
  } catch (error) {
    ctx.toasts.error(error, "That action");
    return false;
  } finally {
    node?.removeAttribute("aria-busy");
  }
}

function confirmed(confirm, ctx) {
  return ask({
    title: plainString(confirm.title) || "Are you sure?",
    text: textObject(confirm.text, ctx.store),
    confirm: plainString(confirm.confirm) || "Yes",
    deny: plainString(confirm.deny) || "Cancel",
    danger: confirm.style === "danger",
  });
}
