/**
 * What a person can do in this window, said once: go somewhere, run a command, press, dismiss, fetch anew.
 *
 * The parts of the page get this object and call it; it calls the server and puts what comes back into the store. It
 * draws nothing itself.
 */
import { address, go, readRoute } from "./route.js";

export function createDesk({ store, api, toasts }) {
  const desk = { store, api, toasts, drafts: new Map() };
  return Object.assign(desk, travel(desk), fetching(desk), doing(desk));
}

/** Places and how to get there. */
function travel({ store, api }) {
  const firstChannel = () => (store.channels.find((channel) => channel.name === "deployments") ?? store.channels.find((channel) => !channel.is_im)
    ?? store.channels[0])?.id ?? null;
  let here = { as: api.as, channel: null, thread: null, home: false, ts: null };

  function arrive({ replace = true } = {}) {
    const route = readRoute();
    const channel = store.channel(route.channel) ? route.channel : firstChannel();
    here = { as: api.as, channel, thread: route.home ? null : route.thread, home: route.home, ts: route.ts };
    if (replace) go(here, { replace: true });
    store.tell("place", here);
  }

  function visit(place) {
    go({ as: api.as, ...place });
    arrive({ replace: false });
  }

  return {
    place: () => here,
    arrive,
    linkTo: (place) => address({ as: api.as, ...place }),
    openChannel: (channel) => visit({ channel }),
    openHome: () => visit({ home: true }),
    openThread: (channel, thread) => visit({ channel, thread }),
    closeThread: () => visit({ channel: here.channel }),
  };
}

/** Bring the store up to what the server knows. */
function fetching(desk) {
  const { store, api } = desk;
  const fetchInto = (call, put, topic) => async () => {
    put(await call());
    store.tell(topic);
  };
  const fetched = {
    refetchChannels: fetchInto(api.channels, (list) => { store.channels = list; }, "channels"),
    refetchPeople: fetchInto(api.people, (list) => { store.people = new Map(list.map((one) => [one.id, one])); }, "channels"),
    refetchCommands: fetchInto(api.commands, (list) => { store.commands = list; }, "commands"),
    refetchViews: fetchInto(api.views, (list) => { store.views = list; }, "views"),
    refetchHome: fetchInto(api.home, (view) => { store.home = view; }, "home"),
    async refetch(channel, thread = null) {
      const list = await api.messages(channel, thread);
      store.setMessages(channel, thread, list);
      store.tell("messages", channel);
    },
    async visitHome() {
      await api.openHome();
      await fetched.refetchHome();
    },
    /** Everything in sight, after the connection was away. */
    async refetchAll() {
      const { channel, thread, home } = desk.place();
      const jobs = [fetched.refetchChannels(), fetched.refetchCommands(), fetched.refetchViews()];
      if (home) jobs.push(fetched.refetchHome());
      else if (channel) jobs.push(fetched.refetch(channel), thread ? fetched.refetch(channel, thread) : null);
      await Promise.allSettled(jobs);
    },
  };
  return fetched;
}

/** Acts of a person; what goes wrong is shown, never thrown at the caller. */
function doing(desk) {
  const { store, api, toasts } = desk;
  const forms = new Map();

  /** @returns {Promise<boolean>} whether it worked */
  async function attempt(act, what) {
    try {
      const answer = await act();
      if (answer?.ok === false) throw Object.assign(new Error(answer.error), { code: answer.shown ?? answer.error });
      return true;
    } catch (error) {
      if (!error.code) console.error(error); // a mistake of ours: it belongs into the console, too
      toasts.error(error, what);
      return false;
    }
  }

  return {
    attempt,
    formOf(key, make) {
      if (!forms.has(key)) forms.set(key, make());
      return forms.get(key);
    },
    /** The direct conversation with somebody, opened if there is none. */
    async talkTo(user) {
      const known = store.channels.find((channel) => channel.is_im && channel.user === user);
      if (known) return desk.openChannel(known.id);
      const worked = await attempt(async () => {
        const answer = await api.openTalk(user);
        if (answer?.ok !== false) await desk.refetchChannels();
        return answer;
      }, "Opening the conversation");
      const opened = store.channels.find((channel) => channel.is_im && channel.user === user);
      return worked && opened ? desk.openChannel(opened.id) : undefined;
    },
    dismiss(channel, ts) {
      store.dismissed.add(`${channel}/${ts}`);
      sessionStorage.setItem(`dismissed ${api.as}`, JSON.stringify([...store.dismissed]));
      store.tell("messages", channel);
    },
    /** Throws what the server refused, so that the control can show it. */
    async press(where, action) {
      const answer = await api.press(where, action);
      if (answer?.ok === false) throw Object.assign(new Error(answer.error), { code: answer.shown ?? answer.error });
      await desk.refetchViews();
    },
    /** @returns {Promise<boolean>} whether Slack took the command, whatever the app made of it */
    async command(channel, text) {
      let isTaken = true;
      await attempt(async () => {
        isTaken = false;
        const answer = await api.command(channel, text);
        isTaken = answer?.ok !== false || Boolean(answer.shown);
        return answer?.error === "unknown_command" ? { ok: true } : answer; // Slackbot says so in the channel
      }, text.split(/\s/)[0]);
      if (isTaken) await Promise.all([desk.refetch(channel), desk.refetchViews()]).catch(() => {}); // the stream will tell
      return isTaken;
    },
  };
}
