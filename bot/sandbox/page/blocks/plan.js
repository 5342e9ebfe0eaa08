/** plan and task_card: a list of things being done, each with its state, details, output and sources. */
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { link } from "../mention.js";
import { plainText } from "../mrkdwn.js";
import { richText } from "./richtext.js";

const STATES = {
  pending: ["waiting", null], in_progress: ["under way", null], complete: ["done", "check"], error: ["failed", "cross"],
};

export function plan(block, ctx) {
  const tasks = block.tasks ?? [];
  const done = tasks.filter((task) => task.status === "complete").length;
  return h("div", { class: "plan" },
    h("div", { class: "plan-head" }, h("span", { class: "plan-title", dir: "auto" }, words(block.title)),
      tasks.length > 0 && h("span", { class: "plan-count" }, `${done} of ${tasks.length}`)),
    h("div", { role: "list" }, tasks.map((task) => h("div", { role: "listitem" }, taskCard(task, ctx)))));
}

export function taskCard(task, ctx) {
  const [state, mark] = STATES[task.status] ?? STATES.pending;
  const more = [task.details && richText(task.details, ctx), task.output && richText(task.output, ctx),
    task.sources?.length && h("div", { class: "task-sources" }, task.sources.map((one) => link(one.url, one.text || one.url)))];
  const head = [h("span", { class: "task-mark", role: "img", "aria-label": state, title: state }, mark && icon(mark)),
    h("span", { class: "task-title", dir: "auto" }, words(task.title))];
  const data = { taskId: task.task_id, status: task.status };
  if (!more.some(Boolean)) return h("div", { class: `task task-${task.status}`, data }, h("div", { class: "task-head" }, head));
  return h("details", { class: `task task-${task.status}`, data, open: task.status !== "pending" },
    h("summary", { class: "task-head" }, head), h("div", { class: "task-more" }, more));
}

const words = (title) => plainText(typeof title === "string" ? title : (title?.text ?? ""));
