/**
 * What Slack's own client checks before it lets a view go: required fields, and the form of numbers and addresses.
 * Pure; the sentences are ours. What the app itself thinks of the values comes back from the server.
 */
import { isEmpty } from "./form.js";

const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

function textProblem(element, text) {
  const length = [...text].length;
  if (element.min_length && length < element.min_length) return `Please write at least ${element.min_length} characters.`;
  if (element.max_length && length > element.max_length) return `Please write at most ${element.max_length} characters.`;
  return null;
}

function numberProblem(element, text) {
  const number = Number(text);
  if (Number.isNaN(number) || !text.trim()) return "Please enter a number.";
  if (!element.is_decimal_allowed && !Number.isInteger(number)) return "Please enter a whole number.";
  if (element.min_value !== undefined && number < Number(element.min_value)) return `The least is ${element.min_value}.`;
  if (element.max_value !== undefined && number > Number(element.max_value)) return `The most is ${element.max_value}.`;
  return null;
}

function urlProblem(element, text) {
  return /^https?:\/\/\S+\.\S+|^https?:\/\/localhost/i.test(text) && URL.canParse(text) ? null : "Please enter a web address, like https://example.org.";
}

const CHECKS = {
  plain_text_input: textProblem,
  number_input: numberProblem,
  url_text_input: urlProblem,
  email_text_input: (element, text) => (ADDRESS.test(text) ? null : "Please enter a mail address."),
};

/**
 * @param {object[]} blocks of a view @param {(blockId: string, actionId: string) => *} valueOf
 * @returns {Object<string, string>} block_id → what is wrong
 */
export function problems(blocks, valueOf) {
  const found = {};
  blocks.forEach((block, at) => {
    if (block.type !== "input") return;
    const blockId = block.block_id ?? `block-${at}`;
    const value = valueOf(blockId, block.element.action_id);
    const problem = isEmpty(value) ? (block.optional ? null : "Please complete this required field.")
      : (CHECKS[block.element.type]?.(block.element, value) ?? null);
    if (problem) found[blockId] = problem;
  });
  return found;
}
