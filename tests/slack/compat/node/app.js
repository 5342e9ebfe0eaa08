// A small Slack app in Bolt for Node, unmodified but for the API address. It does what python_app.py does, so that one
// set of tests holds both. Transport and credentials come from the environment.
"use strict";

const { App, LogLevel } = require("@slack/bolt");

const { BOT_TOKEN, SIGNING_SECRET, APP_TOKEN, API_URL, PORT, TRANSPORT } = process.env;
const bySocket = TRANSPORT === "socket";

const app = new App({
  token: BOT_TOKEN,
  logLevel: LogLevel.INFO,
  clientOptions: { slackApiUrl: API_URL },
  ...(bySocket ? { socketMode: true, appToken: APP_TOKEN } : { signingSecret: SIGNING_SECRET }),
});

const plain = (text) => ({ type: "plain_text", text });
const section = (text) => ({ type: "section", text: { type: "mrkdwn", text } });

const card = (value) => [
  section(`Card for ${value}`),
  {
    type: "actions",
    elements: [
      { type: "button", action_id: "approve", text: plain("Approve"), style: "primary", value },
      { type: "button", action_id: "dismiss", text: plain("Dismiss"), value },
    ],
  },
];

const form = (channel, more = []) => ({
  type: "modal",
  callback_id: "form",
  private_metadata: channel,
  notify_on_close: true,
  title: plain("A form"),
  submit: plain("Send"),
  blocks: [
    {
      type: "input",
      block_id: "reason",
      label: plain("Reason"),
      element: { type: "plain_text_input", action_id: "words" },
    },
    {
      type: "input",
      block_id: "environment",
      label: plain("Environment"),
      element: {
        type: "static_select",
        action_id: "choice",
        options: ["staging", "production"].map((name) => ({ text: plain(name), value: name })),
      },
    },
    {
      type: "actions",
      elements: [
        { type: "button", action_id: "more", text: plain("More") },
        { type: "button", action_id: "deeper", text: plain("Deeper") },
      ],
    },
    ...more,
  ],
});

app.message("hello", async ({ message, say }) => {
  await say(`Hello, <@${message.user}>`);
});

app.event("app_mention", async ({ event, say }) => {
  await say({ text: "You called?", thread_ts: event.ts });
});

app.event("reaction_added", async ({ event, client }) => {
  await client.chat.postMessage({ channel: event.item.channel, text: `Thanks for the ${event.reaction}` });
});

app.command("/compat", async ({ command, ack, client, respond }) => {
  await ack(`Working on ${command.text}`);
  const { channel_id: channel, user_id: user, text } = command;
  const metadata = { event_type: "compat_card", event_payload: { subject: text } };
  await client.chat.postMessage({ channel, text: `Card for ${text}`, blocks: card(text), metadata });
  await client.chat.postEphemeral({ channel, user, text: `Only you see ${text}` });
  await respond({ response_type: "in_channel", text: `Everybody sees ${text}` });
});

app.action("approve", async ({ body, action, ack, client, respond }) => {
  await ack();
  const text = `Approved ${action.value} by <@${body.user.id}>`;
  await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text, blocks: [section(text)] });
  await respond({ replace_original: false, text: `Noted ${action.value}` });
});

app.action("dismiss", async ({ action, ack, respond }) => {
  await ack();
  await respond({ replace_original: true, text: `Dismissed ${action.value}` });
});

app.command("/compat-form", async ({ command, ack, client }) => {
  await ack();
  await client.views.open({ trigger_id: command.trigger_id, view: form(command.channel_id) });
});

app.action("more", async ({ body, ack, client }) => {
  await ack();
  const { id, hash, private_metadata: channel } = body.view;
  await client.views.update({ view_id: id, hash, view: form(channel, [section("There is more")]) });
});

app.view("form", async ({ ack, body, view, client }) => {
  const words = view.state.values.reason.words.value;
  const environment = view.state.values.environment.choice.selected_option.value;
  if (words.length < 5) {
    await ack({ response_action: "errors", errors: { reason: "Say a little more" } });
    return;
  }
  if (words === "show me more") {
    await ack({ response_action: "update", view: form(view.private_metadata, [section("Here it is")]) });
    return;
  }
  await ack();
  const text = `<@${body.user.id}> wants ${environment}: ${words}`;
  await client.chat.postMessage({ channel: view.private_metadata, text });
});

app.view({ callback_id: "form", type: "view_closed" }, async ({ ack, body, view, client }) => {
  await ack();
  await client.chat.postMessage({ channel: view.private_metadata, text: `<@${body.user.id}> changed their mind` });
});

app.command("/compat-read", async ({ command, ack, client, respond }) => {
  await ack();
  const { channel_id: channel, user_id: user } = command;
  const me = await client.auth.test();
  const info = await client.users.info({ user });
  const members = await client.conversations.members({ channel });
  const history = await client.conversations.history({ channel, limit: 1 });
  const groups = await client.usergroups.list();
  const group = groups.usergroups.find((each) => each.handle === "production-team");
  const approvers = await client.usergroups.users.list({ usergroup: group.id });
  const posted = await client.chat.postMessage({ channel, text: "To be marked" });
  await client.reactions.add({ channel, timestamp: posted.ts, name: "eyes" });
  await client.pins.add({ channel, timestamp: posted.ts });
  const link = await client.chat.getPermalink({ channel, message_ts: posted.ts });
  const names = [];
  for await (const page of client.paginate("conversations.list", { limit: 2 })) {
    names.push(...page.channels.map((each) => each.name));
  }
  const facts = {
    bot: me.user_id,
    zone: info.user.tz,
    member: members.members.includes(user),
    messages: history.messages.length,
    approvers: approvers.users.length,
    link: link.permalink.includes(channel),
    channels: names.sort(),
  };
  await respond(JSON.stringify(facts));
});

app.command("/compat-bad", async ({ command, ack, client, respond }) => {
  await ack();
  try {
    await client.chat.postMessage({ channel: command.channel_id, text: "x", blocks: [section("")] });
  } catch (error) {
    await respond(`${error.data.error}: ${error.data.response_metadata.messages[0]}`);
  }
});

app.command("/compat-burst", async ({ command, ack, client }) => {
  await ack();
  for (const number of [1, 2, 3, 4, 5, 6, 7]) {
    await client.chat.postMessage({ channel: command.channel_id, text: `Burst ${command.text} ${number}` });
  }
});

app.command("/compat-room", async ({ command, ack, client, respond }) => {
  await ack();
  const { channel } = await client.conversations.create({ name: command.text });
  await client.conversations.invite({ channel: channel.id, users: command.user_id });
  await client.conversations.setTopic({ channel: channel.id, topic: "What broke" });
  await client.conversations.setPurpose({ channel: channel.id, purpose: "To mend it" });
  const { ts } = await client.chat.postMessage({ channel: channel.id, text: "Welcome" });
  await client.chat.postMessage({ channel: channel.id, text: "Soon gone", thread_ts: ts });
  const replies = await client.conversations.replies({ channel: channel.id, ts });
  await client.chat.delete({ channel: channel.id, ts: replies.messages[1].ts });
  const left = await client.conversations.replies({ channel: channel.id, ts });
  await client.conversations.archive({ channel: channel.id });
  const info = await client.conversations.info({ channel: channel.id, include_num_members: true });
  const facts = {
    room: info.channel.name,
    topic: info.channel.topic.value,
    purpose: info.channel.purpose.value,
    archived: info.channel.is_archived,
    replies: [replies.messages.length, left.messages.length],
  };
  await respond(JSON.stringify(facts));
});

app.command("/compat-secret", async ({ ack, respond }) => {
  await ack();
  const close = { type: "button", action_id: "forget", text: plain("Forget") };
  await respond({ text: "A secret", blocks: [section("A secret"), { type: "actions", elements: [close] }] });
});

app.action("forget", async ({ ack, respond }) => {
  await ack();
  await respond({ delete_original: true });
});

app.command("/compat-pick", async ({ command, ack, client }) => {
  await ack();
  const select = { type: "external_select", action_id: "fruit", placeholder: plain("Fruit"), min_query_length: 0 };
  const blocks = [section("Pick a fruit"), { type: "actions", elements: [select] }];
  await client.chat.postMessage({ channel: command.channel_id, text: "Pick a fruit", blocks });
});

app.options("fruit", async ({ options, ack }) => {
  const fruits = ["apple", "apricot", "banana"].filter((name) => name.startsWith(options.value));
  await ack({ options: fruits.map((name) => ({ text: plain(name), value: name })) });
});

app.action("fruit", async ({ action, ack, say }) => {
  await ack();
  await say(`Picked ${action.selected_option.value}`);
});

app.action("deeper", async ({ body, ack, client }) => {
  await ack();
  const view = { type: "modal", callback_id: "depth", title: plain("Deeper"), blocks: [section("At the bottom")] };
  await client.views.push({ trigger_id: body.trigger_id, view });
});

app.shortcut("open_form", async ({ shortcut, ack, client }) => {
  await ack();
  await client.views.open({ trigger_id: shortcut.trigger_id, view: form(shortcut.user.id) });
});

app.shortcut("quote", async ({ shortcut, ack, respond }) => {
  await ack();
  await respond(`You said: ${shortcut.message.text}`);
});

const home = (count) => ({
  type: "home",
  blocks: [
    section(`Seen ${count} times`),
    { type: "actions", elements: [{ type: "button", action_id: "again", text: plain("Again"), value: `${count}` }] },
  ],
});

app.event("app_home_opened", async ({ event, client }) => {
  await client.views.publish({ user_id: event.user, view: home(1) });
});

app.action("again", async ({ body, action, ack, client }) => {
  await ack();
  await client.views.publish({ user_id: body.user.id, view: home(Number(action.value) + 1), hash: body.view.hash });
});

app.command("/compat-check", async ({ ack, client, respond }) => {
  await ack();
  try {
    await client.apiCall("blocks.validate", { blocks: JSON.stringify([{ type: "section", text: { type: "invalid" } }]) });
  } catch (error) {
    await respond(JSON.stringify(error.data.errors));
  }
});

app.command("/compat-silent", async () => {});

app.error(async (error) => {
  console.error("error", error);
});

(async () => {
  await app.start(bySocket ? undefined : Number(PORT));
  console.log("ready");
})();
