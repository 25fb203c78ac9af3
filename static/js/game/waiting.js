/** The waiting page: the share button, where the browser has one. Copying is page.js's, turning into the game main.js's. */
import { canShare, share } from "../site/share.js";

/** @param {Element} root holds, for whoever made the game, [data-share] with the invite link */
export function wireWaiting(root) {
  const button = root.querySelector("[data-share]");
  if (!button) return;
  const content = { title: "Fourline", text: "Play Connect Four with me.", url: button.dataset.share };
  button.hidden = !canShare(content);
  button.addEventListener("click", () => share(content));
}
