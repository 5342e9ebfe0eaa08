/**
 * Making elements, and nothing else.
 *
 * Every node of the page is made here or by the browser's own DOM calls. Strings become text nodes, never markup, so
 * words that came from outside cannot become elements: there is no innerHTML anywhere in this folder (a test looks).
 */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element.
 *
 * @param {string} tag
 * @param {object} [props] attributes; besides: `class`, `data` (dataset), `on` (listeners), `style` (custom properties
 *   and properties, set through the object model so that a strict content policy holds). null, undefined and false are
 *   left out, true is an empty attribute.
 * @param {...(Node|string|number|null|false|Array)} children
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  dress(node, props ?? {});
  append(node, children);
  return node;
}

/** The same for SVG; used by the icons. */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  append(node, children);
  return node;
}

function dress(node, props) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "data") dressData(node, value);
    else if (name === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else if (name === "style") for (const [key, item] of Object.entries(value)) node.style.setProperty(key, item);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
}

function dressData(node, data) {
  for (const [key, value] of Object.entries(data)) {
    if (value !== null && value !== undefined) node.dataset[key] = String(value);
  }
}

/** Append children; arrays are flattened, empty values left out, everything that is no node becomes text. */
export function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

/** Put these children in place of what is there. */
export function fill(node, ...children) {
  node.replaceChildren();
  return append(node, children);
}

/** A fresh id for aria-labelledby and its kin. */
export function uniqueId(prefix) {
  uniqueId.last = (uniqueId.last ?? 0) + 1;
  return `${prefix}-${uniqueId.last}`;
}

/** Call `work` once things have been quiet for `ms`. */
export function debounce(work, ms) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...args), ms);
  };
}
