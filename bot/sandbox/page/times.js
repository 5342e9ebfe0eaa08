/**
 * Times as a person reads them, in the time zone of the person this window belongs to.
 *
 * Slack shows everybody their own zone, so an approver in Berlin and a developer in New York see the same message at
 * different hours; with the zone taken from the person and not from the browser, the local Slack shows that too.
 */

const LOCALE = "en-GB";

function format(date, zone, options) {
  try {
    return new Intl.DateTimeFormat(LOCALE, { timeZone: zone, ...options }).format(date);
  } catch {
    return new Intl.DateTimeFormat(LOCALE, options).format(date); // a zone this browser does not know
  }
}

/** A Slack ts ("1700000000.000100") as a Date. */
export const dateOf = (ts) => new Date(Number(ts) * 1000);

export const clock = (date, zone) => format(date, zone, { hour: "2-digit", minute: "2-digit" });

export const clockSeconds = (date, zone) => format(date, zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** "2026-11-23", the day a moment falls on over there; also the key of a day divider. */
export function dayKey(date, zone) {
  const [day, month, year] = format(date, zone, { year: "numeric", month: "2-digit", day: "2-digit" }).split("/");
  return `${year}-${month}-${day}`;
}

/** "Today", "Yesterday" or null. */
function nearDay(date, zone, now) {
  const day = dayKey(date, zone);
  if (day === dayKey(now, zone)) return "Today";
  if (day === dayKey(new Date(now.getTime() - 86_400_000), zone)) return "Yesterday";
  if (day === dayKey(new Date(now.getTime() + 86_400_000), zone)) return "Tomorrow";
  return null;
}

/** The label of a day divider. */
export function dayLabel(date, zone, now = new Date()) {
  const sameYear = dayKey(date, zone).slice(0, 4) === dayKey(now, zone).slice(0, 4);
  const options = { weekday: "long", day: "numeric", month: "long", ...(sameYear ? {} : { year: "numeric" }) };
  return nearDay(date, zone, now) ?? format(date, zone, options);
}

/** For tooltips: the whole of it, with the zone's name. */
export function whole(date, zone) {
  return format(date, zone, { dateStyle: "full", timeStyle: "long" });
}

/** "3 minutes ago", "in 2 hours". */
export function ago(date, now = new Date()) {
  const seconds = Math.round((date - now) / 1000);
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  const scale = [[60, "second", 1], [3600, "minute", 60], [86_400, "hour", 3600], [2_592_000, "day", 86_400],
    [31_536_000, "month", 2_592_000], [Infinity, "year", 31_536_000]];
  const [, unit, size] = scale.find(([limit]) => Math.abs(seconds) < limit);
  return words.format(Math.trunc(seconds / size), unit);
}

const DATE_WORDS = {
  date_num: (date, zone) => dayKey(date, zone),
  date_slash: (date, zone) => format(date, zone, { year: "numeric", month: "2-digit", day: "2-digit" }),
  date: (date, zone) => format(date, zone, { day: "numeric", month: "long", year: "numeric" }),
  date_short: (date, zone) => format(date, zone, { day: "numeric", month: "short", year: "numeric" }),
  date_long: (date, zone) => format(date, zone, { weekday: "long", day: "numeric", month: "long", year: "numeric" }),
  day_divider_pretty: (date, zone) => dayLabel(date, zone),
  time: clock,
  time_secs: clockSeconds,
  ago: (date) => ago(date),
};

/** Fill the pattern of a `<!date^…>`: "{date_short_pretty} at {time}". Unknown words stay as they are. */
export function fillDate(pattern, date, zone) {
  return pattern.replace(/\{(\w+)\}/g, (all, word) => {
    if (DATE_WORDS[word]) return DATE_WORDS[word](date, zone);
    const plain = word.replace(/_pretty$/, "");
    if (!DATE_WORDS[plain]) return all;
    return nearDay(date, zone, new Date()) ?? DATE_WORDS[plain](date, zone);
  });
}

/** Minutes by which a zone's wall clock is ahead of UTC at a moment. */
function offsetMinutes(date, zone) {
  const wall = `${dayKey(date, zone)}T${clockSeconds(date, zone)}Z`;
  return Math.round((Date.parse(wall) - Math.floor(date.getTime() / 1000) * 1000) / 60_000);
}

/** Wall-clock text of a datetime-local field → epoch seconds, and back. */
export function epochOf(wall, zone) {
  const asUtc = Date.parse(`${wall}Z`);
  const guess = asUtc - offsetMinutes(new Date(asUtc), zone) * 60_000;
  return Math.floor((asUtc - offsetMinutes(new Date(guess), zone) * 60_000) / 1000);
}

export function wallOf(epoch, zone) {
  const date = new Date(Number(epoch) * 1000);
  return `${dayKey(date, zone)}T${clock(date, zone)}`;
}
