/**
 * The wiring: one person, one window. Everything else is told what it needs (`desk`) and knows nobody.
 *
 * Flow: the server is the truth; events of the stream change the store, the store tells the parts, the parts redraw
 * what changed. After a lost connection everything in sight is fetched anew.
 */
import { createApi } from "./api.js";
import { openCard } from "./card.js";
import { openChannel } from "./channel.js";
import { createDesk } from "./desk.js";
import { h } from "./dom.js";
import { createEvents } from "./events.js";
import { appTabs, openHome } from "./home.js";
import { createModals } from "./modal.js";
import { readRoute } from "./route.js";
import { createSidebar } from "./sidebar.js";
import { createStore } from "./store.js";
import { openStream } from "./stream.js";
import { hideThread, openThread } from "./thread.js";
import { createToasts } from "./toasts.js";
import { createTopbar } from "./topbar.js";

const LONGEST_WAIT_MS = 1500;
const find = (id) => document.getElementById(id);

async function load(store) {
  const api = createApi(readRoute().as);
  const [info, people] = await Promise.all([api.info(), api.people()]);
  store.info = info ?? {};
  store.people = new Map(people.map((person) => [person.id, person]));
  const wanted = store.person(api.as);
  const first = people.find((person) => !person.is_bot && (person.groups ?? []).includes("developers")) ?? people.find((person) => !person.is_bot);
  store.me = (wanted ?? first).id;
}

function createPanes(desk) {
  const { store } = desk;
  const app = find("app");
  let pane = null;
  let thread = null;

  async function show() {
    const here = desk.place();
    app.dataset.thread = String(Boolean(here.thread) && !here.home);
    await Promise.all([showMain(here), showThread(here)]);
    title();
  }

  async function showMain(here) {
    if (pane?.key === keyOf(here)) return;
    pane?.close?.();
    const key = keyOf(here);
    pane = { key, draw: () => {} };
    if (here.home) {
      pane = { key, ...openHome(find("main"), desk) };
      await desk.visitHome();
      return;
    }
    const tabs = store.appDm()?.id === here.channel ? appTabs(desk, "messages") : null;
    pane = { key, ...openChannel(find("main"), desk, here.channel, { tabs }) };
    if (window.matchMedia("(hover: hover)").matches && !here.thread) pane.focus();
    await desk.refetch(here.channel);
    if (here.ts) pane.scrollTo?.(here.ts);
  }

  async function showThread(here) {
    if (!here.thread || here.home) {
      if (thread) hideThread(find("side"));
      thread = null;
      return;
    }
    if (thread?.channel === here.channel && thread.ts === here.thread) return;
    store.setMessages(here.channel, here.thread, store.messages(here.channel).filter((message) => message.ts === here.thread));
    thread = openThread(find("side"), desk, here.channel, here.thread);
    thread.focus();
    await desk.refetch(here.channel, here.thread);
  }

  function title() {
    const waiting = store.channels.reduce((sum, channel) => sum + (channel.mentions ?? 0), 0);
    document.title = `${waiting ? `(${waiting}) ` : ""}${pane?.title ?? store.bot().name ?? "Slack"} · Slipway local Slack`;
  }

  store.on("place", () => desk.attempt(show, "Opening that"));
  store.on("messages", () => { pane?.draw(); thread?.draw(); });
  store.on("home", () => pane?.key === "home" && pane.draw());
  store.on("channels", () => {
    title();
    if (!pane?.isStale?.()) return;
    pane.key = null;
    desk.attempt(show, "Showing the channel");
  });
  store.on("commands", () => pane?.refresh?.());
  return { show };
}

const keyOf = (here) => (here.home ? "home" : here.channel);

function createDrawer(topbar) {
  const app = find("app");
  const set = (open) => {
    app.dataset.drawer = String(open);
    find("scrim").hidden = !open;
    topbar.menu.setAttribute("aria-expanded", String(open));
  };
  find("scrim").addEventListener("click", () => set(false));
  return { toggle: () => set(app.dataset.drawer !== "true"), shut: () => set(false), isOpen: () => app.dataset.drawer === "true" };
}

function listenToKeys(desk, drawer) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open], [popover]:popover-open")) return;
    if (drawer.isOpen()) drawer.shut();
    else if (desk.place().thread) desk.closeThread();
  });
  document.addEventListener("click", (event) => {
    const channel = event.target.closest("[data-open-channel]");
    if (channel && desk.store.channel(channel.dataset.openChannel)) desk.openChannel(channel.dataset.openChannel);
    const person = event.target.closest("[data-open-person]");
    if (person) openCard(person, desk, person.dataset.openPerson);
  });
}

async function start() {
  const store = createStore();
  await load(store);
  const api = createApi(store.me);
  const toasts = createToasts(find("toasts"));
  store.dismissed = new Set(JSON.parse(sessionStorage.getItem(`dismissed ${store.me}`) ?? "[]")); // a reload does not bring them back
  const desk = createDesk({ store, api, toasts });
  await Promise.all([desk.refetchChannels(), desk.refetchCommands()]);
  const topbar = createTopbar(find("topbar"), desk, () => drawer.toggle());
  const drawer = createDrawer(topbar);
  createSidebar(find("sidebar"), desk);
  createModals(desk);
  createPanes(desk);
  store.on("place", drawer.shut);
  listenToKeys(desk, drawer);
  window.addEventListener("popstate", () => desk.arrive());
  await listen(desk, topbar);
  desk.arrive();
  await desk.refetchViews();
  find("app").dataset.ready = "true";
}

/**
 * Open the stream, and wait for it before anything is fetched: what happens in between would be missed otherwise.
 * When it takes long the page goes on without, and fetches anew once it is there.
 */
function listen(desk, topbar) {
  let onFirst = () => {};
  const first = new Promise((resolve) => { onFirst = resolve; });
  const onOpen = () => (desk.place().channel ? desk.refetchAll() : onFirst());
  openStream(desk.api.streamUrl, { onEvent: createEvents(desk), onOpen, onState: topbar.setState });
  return Promise.race([first, new Promise((resolve) => { setTimeout(resolve, LONGEST_WAIT_MS); })]);
}

function sayWhy(error) {
  find("main").replaceChildren(h("div", { class: "failed", role: "alert" }, h("h1", {}, "The local Slack does not answer"),
    h("p", {}, `${error.message} This page tries again by itself.`)));
  setTimeout(() => window.location.reload(), 2500);
}

start().catch(sayWhy);
