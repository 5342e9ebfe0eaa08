/** Images of messages. They may lie elsewhere and this page must work without a network: then the words stand in. */
import { h } from "./dom.js";

export function picture({ image_url: url, slack_file: file, alt_text: alt }, kind) {
  const address = url ?? file?.url ?? (file?.id ? `/files/${encodeURIComponent(file.id)}` : "");
  const words = () => h("span", { class: `picture-words ${kind}`, role: "img", "aria-label": alt ?? "" }, alt || "image");
  if (!/^(https?:\/\/|\/|data:image\/)/i.test(address)) return words();
  const image = h("img", { class: `picture ${kind}`, src: address, alt: alt ?? "", loading: "lazy", referrerpolicy: "no-referrer" });
  image.addEventListener("error", () => image.replaceWith(words()));
  return image;
}
