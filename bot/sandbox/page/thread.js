/** A thread in the panel at the side: the message, its replies, a composer. Escape closes it. */
import { nameOf } from "./channel.js";
import { createComposer } from "./composer.js";
import { fill, h } from "./dom.js";
import { createFeed } from "./feed.js";
import { icon } from "./icons.js";

/** @param {HTMLElement} root @param {object} desk @param {string} channelId @param {string} ts of the first message */
export function openThread(root, desk, channelId, ts) {
  const { store } = desk;
  const channel = store.channel(channelId);
  const feed = createFeed({ desk, channel: channelId, inThread: true, label: "Messages in this thread" });
  const composer = createComposer({ desk, channel: channelId, thread: ts, placeholder: "Reply…" });
  root.hidden = false;
  root.dataset.thread = ts;
  root.dataset.testid = "thread";
  fill(root, h("header", { class: "side-head" },
    h("h2", { class: "side-title" }, "Thread", h("span", { class: "side-where", dir: "auto" }, channel.is_im ? nameOf(channel, store) : `#${channel.name}`)),
    h("button", { class: "icon-button", type: "button", "aria-label": "Close the thread", data: { testid: "close-thread" },
      on: { click: () => desk.closeThread() } }, icon("close"))), feed.node, composer.node);

  function draw() {
    feed.draw(store.messages(channelId, ts).filter((message) => !store.dismissed.has(`${channelId}/${message.ts}`)));
  }

  draw();
  return { channel: channelId, ts, draw, focus: composer.focus };
}

export function hideThread(root) {
  root.hidden = true;
  root.replaceChildren();
  delete root.dataset.thread;
  delete root.dataset.testid;
}
