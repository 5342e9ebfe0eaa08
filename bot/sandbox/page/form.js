/**
 * What a person has filled in, per block and action: the memory of a modal or of a message's controls.
 *
 * It outlives the elements. When a view is updated in place the controls are drawn anew and take their values from
 * here, which is Slack's rule: what was typed stays as long as block_id and action_id stay; a new block_id starts empty.
 */

export function createForm() {
  const fields = new Map();
  const key = (block, action) => `${block}\u0000${action}`;
  return {
    /** @param {{type: string, plain: *, wire?: object, options?: object[]}} field `plain` is what /driver/submit takes */
    set: (block, action, field) => fields.set(key(block, action), { block, action, ...field }),
    /** Those of input blocks that the server has not heard of; asking marks them as told. */
    untold() {
      const waiting = [...fields.values()].filter((field) => field.isUntold);
      for (const field of waiting) field.isUntold = false;
      return waiting;
    },
    /** The remembered field, if it is of this type: a select that became a text starts anew. */
    get(block, action, type) {
      const field = fields.get(key(block, action));
      return field?.type === type ? field : undefined;
    },
    /** {block_id: {action_id: plain}} of those that are on show */
    values(isShown = () => true) {
      const out = {};
      for (const { block, action, plain } of fields.values()) {
        if (isShown(block, action)) (out[block] ??= {})[action] = plain;
      }
      return out;
    },
  };
}

/** Nothing chosen, nothing typed. */
export function isEmpty(plain) {
  return plain === null || plain === undefined || plain === "" || (Array.isArray(plain) && plain.length === 0);
}
