/**
 * Which function draws which block, and what stands for a block nobody knows: its fallback words.
 *
 * `ctx` travels with every block: {store, api, toasts, where, form, state, errors, press, onInput, blockId, input}.
 */
import { h } from "../dom.js";
import { plainText } from "../mrkdwn.js";
import { actions, contextActions } from "./actions.js";
import { card, carousel, container } from "./card.js";
import { context } from "./context.js";
import { input } from "./input.js";
import { image, video } from "./media.js";
import { plan, taskCard } from "./plan.js";
import { richText } from "./richtext.js";
import { alert, divider, header, markdownBlock, section } from "./section.js";
import { table } from "./table.js";

const BLOCKS = {
  section, header, divider, context, image, actions, input, table, plan, video, alert, card, carousel, container,
  context_actions: contextActions, rich_text: richText, markdown: markdownBlock, task_card: taskCard,
};

const contexts = new WeakMap();

export function drawBlock(block, ctx, at) {
  const blockId = block.block_id ?? `block-${at}`;
  const own = { ...ctx, blockId, draw: drawBlock };
  const content = (BLOCKS[block.type] ?? unknown)(block, own);
  const node = h("div", { class: `block block-${block.type}`, data: { blockId, blockType: block.type } }, content);
  contexts.set(node, own);
  return node;
}

/**
 * The blocks of a message or view as items for reconcile().
 *
 * A block is known by its content without its block_id, which Slack makes up anew at every edit where the app gave
 * none; so what did not change keeps its element, wherever it moved, and only learns its new id.
 */
export function blockItems(blocks, ctx) {
  const seen = new Map();
  return blocks.map((block, at) => {
    const { block_id: blockId, ...content } = block;
    const words = JSON.stringify(content);
    const copy = (seen.get(words) ?? 0) + 1;
    seen.set(words, copy);
    return { key: `${words}#${copy}`, signature: blockId ?? "", make: () => drawBlock(block, ctx, at), update: (node) => renamed(node, blockId) };
  });
}

function renamed(node, blockId) {
  const own = contexts.get(node);
  if (!own || !blockId) return false;
  for (const part of [node, ...node.querySelectorAll("[data-block-id]")]) part.dataset.blockId = blockId;
  own.blockId = blockId;
  return true;
}

function unknown(block) {
  const words = block.fallback ?? block.alt_text ?? block.text?.text ?? block.text ?? block.title?.text ?? block.title;
  const shown = typeof words === "string" && words ? words : `This block (${block.type}) is not shown here.`;
  return h("div", { class: "unknown" }, plainText(shown));
}
