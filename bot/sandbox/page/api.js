/**
 * The driver API of the local Slack, one function per call.
 *
 * The page uses the same public interface as tests and scripts do and has no private door: whatever a person can do
 * here, a script can do too. `as` is added to every call from the person this window belongs to.
 */

export class ApiError extends Error {
  /** @param {string} code what the server said @param {number} status 0 when it could not be reached */
  constructor(code, status) {
    super(code);
    this.code = code;
    this.status = status;
  }
}

async function call(path, options) {
  let response;
  try {
    response = await fetch(path, { ...options, headers: { Accept: "application/json", ...options.headers } });
  } catch (error) {
    throw new ApiError("The local Slack does not answer.", 0);
  }
  const text = await response.text();
  const body = parse(text);
  if (!response.ok && (body === undefined || body.ok === undefined)) {
    throw new ApiError(body?.error ?? body?.detail ?? `HTTP ${response.status}`, response.status);
  }
  return body ?? null;
}

function parse(text) {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** Some answers are bare lists, some carry the list under a key; both are the list. */
function listed(body, key) {
  return Array.isArray(body) ? body : (body?.[key] ?? []);
}

/** @param {string|null} as the person this window belongs to */
export function createApi(as) {
  const get = (path, query = {}) => {
    const known = Object.entries({ as, ...query }).filter(([, value]) => value !== null && value !== undefined);
    return call(`/driver/${path}?${new URLSearchParams(known)}`, { method: "GET" });
  };
  const post = (path, body) =>
    call(`/driver/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ as, ...body }),
    });

  return {
    as,
    info: () => get("info"),
    people: async () => listed(await get("people"), "people"),
    channels: async () => listed(await get("channels"), "channels"),
    commands: async () => listed(await get("commands"), "commands"),
    messages: async (channel, thread_ts = null) => listed(await get("messages", { channel, thread_ts }), "messages"),
    views: async () => listed(await get("views"), "views"),
    home: async () => viewOf(await get("home")),
    openHome: () => post("home", {}),
    command: (channel, text) => post("command", { channel, text }),
    press: (where, action) => post("press", { ...where, ...action }),
    suggest: (where, action) => post("suggest", { ...where, ...action }),
    submit: (view_id, values) => post("submit", { view_id, values }),
    close: (view_id, all = false) => post("close", { view_id, all }),
    post: (channel, text, thread_ts = undefined) => post("post", { channel, text, thread_ts }),
    react: (channel, ts, name) => post("react", { channel, ts, name }),
    unreact: (channel, ts, name) => post("unreact", { channel, ts, name }),
    edit: (channel, ts, text) => post("edit", { channel, ts, text }),
    remove: (channel, ts) => post("delete", { channel, ts }),
    join: (channel) => post("join", { channel }),
    openTalk: (user) => post("open", { user }),
    read: (channel, ts) => post("read", { channel, ts }),
    streamUrl: () => `/driver/stream?${new URLSearchParams({ as })}`,
  };
}

function viewOf(body) {
  if (!body) return null;
  return body.type ? body : (body.view ?? null);
}
