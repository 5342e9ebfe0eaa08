/**
 * What happens, as it happens: Server-Sent Events with a connection that mends itself.
 *
 * The browser's EventSource gives up for good when the server answers with an error (as a proxy does while a server
 * restarts), so the waiting and trying again is done here. Whatever was missed meanwhile is not replayed: `onOpen` is
 * called after every opening and the page fetches what it shows anew.
 */

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 4000;

/**
 * @param {() => string} url
 * @param {{onEvent: (event: object) => void, onOpen: () => void, onState: (state: "live"|"reconnecting") => void}} hooks
 */
export function openStream(url, { onEvent, onOpen, onState }) {
  let source = null;
  let wait = FIRST_WAIT_MS;
  let timer = 0;

  function connect() {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(url());
    source.onopen = () => {
      wait = FIRST_WAIT_MS;
      onState("live");
      onOpen();
    };
    source.onmessage = (message) => onEvent(JSON.parse(message.data));
    source.onerror = () => {
      source.close();
      onState("reconnecting");
      timer = setTimeout(connect, wait);
      wait = Math.min(wait * 1.7, LONGEST_WAIT_MS);
    };
  }

  window.addEventListener("online", connect);
  window.addEventListener("pagehide", () => source?.close());
  connect();
  return { reconnect: connect };
}
