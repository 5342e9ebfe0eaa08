/** The page's own line drawings, and its logo: a hull on the ways, about to meet the water. */
import { svg } from "./dom.js";

const PATHS = {
  send: "M3 11.5 20.5 4 14 20.5l-2.6-6.4L3 11.5Zm8.4 2.6L20.5 4",
  thread: "M4 5.5h16v10.5H11l-4.5 4v-4H4z M8 9.2h8 M8 12.4h5",
  smile: "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z M8.6 14c.8 1.5 2 2.3 3.4 2.3s2.6-.8 3.4-2.3 M9 9.6v.6 M15 9.6v.6",
  close: "M6 6l12 12 M18 6 6 18",
  back: "M14.5 5.5 8 12l6.5 6.5",
  down: "M6.5 9.5 12 15l5.5-5.5",
  menu: "M4 7h16 M4 12h16 M4 17h16",
  dots: "M6 12h.01 M12 12h.01 M18 12h.01",
  eye: "M2.8 12S6 6 12 6s9.2 6 9.2 6-3.2 6-9.2 6-9.2-6-9.2-6Z M12 9.6a2.4 2.4 0 1 1 0 4.8 2.4 2.4 0 0 1 0-4.8Z",
  check: "M5 12.5 10 17.5 19.5 7",
  cross: "M7 7l10 10 M17 7 7 17",
  link: "M13 5h6v6 M19 5l-8.5 8.5 M10 6.5H5.5v12h12V14",
};

/** @param {keyof PATHS} name */
export function icon(name) {
  const attributes = { class: `icon icon-${name}`, viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" };
  return svg("svg", attributes, svg("path", { d: PATHS[name] }));
}

export function logo() {
  return svg("svg", { class: "logo", viewBox: "0 0 32 32", "aria-hidden": "true", focusable: "false" },
    svg("path", { class: "logo-sail", d: "M15.2 4.5v11.2H7.6c3.9-2.6 6.4-6.3 7.6-11.2Zm2.2 2.6c3.6 2 5.9 4.9 6.9 8.6h-6.9z" }),
    svg("path", { class: "logo-hull", d: "M4.5 17.6h23l-3.6 5.2H9.2z" }),
    svg("path", { class: "logo-way", d: "M3 26.4c2.2 0 2.2 1.3 4.4 1.3s2.1-1.3 4.3-1.3 2.2 1.3 4.3 1.3 2.2-1.3 4.3-1.3 2.2 1.3 4.3 1.3 2.2-1.3 4.4-1.3" }));
}
