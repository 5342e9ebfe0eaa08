/**
 * Where this window is, kept in its address: `?as=U…&channel=C…&thread=ts` or `?as=U…&home=1`.
 *
 * The person is part of the address, so several windows are several people at once, a link leads a colleague (or a
 * test) to one place as one person, and the browser's back button does what people expect.
 */

/**
 * Slack's own permalinks are understood, too: `/archives/C…/p1700000000000100?thread_ts=…`.
 *
 * @returns {{as: string|null, channel: string|null, thread: string|null, home: boolean, ts: string|null}}
 */
export function readRoute({ pathname, search } = window.location) {
  const query = new URLSearchParams(search);
  const permalink = /^\/archives\/(\w+)\/p(\d+)(\d{6})$/.exec(pathname);
  return {
    as: query.get("as"),
    channel: permalink?.[1] ?? query.get("channel"),
    thread: query.get("thread") ?? query.get("thread_ts"),
    home: query.get("home") !== null,
    ts: permalink ? `${permalink[2]}.${permalink[3]}` : null,
  };
}

/** The address of a place, as a link. */
export function address({ as, channel = null, thread = null, home = false }) {
  const query = new URLSearchParams();
  if (as) query.set("as", as);
  if (channel && !home) query.set("channel", channel);
  if (thread && !home) query.set("thread", thread);
  if (home) query.set("home", "1");
  return `/?${query}`;
}

/** Go there; a place that is already here is not added to the history twice. */
export function go(place, { replace = false } = {}) {
  const link = address(place);
  if (link === window.location.pathname + window.location.search) return;
  if (replace) window.history.replaceState(null, "", link);
  else window.history.pushState(null, "", link);
}
