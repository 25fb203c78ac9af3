/** The page's help, and the keys that are of no part's own: T reads the times out, ? opens the help. */
import { isForThePage } from "./columns.js";
import { wireShortcuts } from "./shortcuts.js";

/**
 * @param {Element} root holds the dialog [data-help] and the button [data-help-button]
 * @param {function()} tellTime reads the times out
 */
export function wireHelp(root, tellTime) {
  const dialog = root.querySelector("[data-help]");
  wireShortcuts(root);
  root.querySelector("[data-help-button]").addEventListener("click", () => dialog.showModal());
  document.addEventListener("keydown", (event) => {
    if (!isForThePage(event) || event.repeat) return;
    if (event.key === "t" || event.key === "T") tellTime();
    else if (event.key === "?") dialog.showModal();
    else return;
    event.preventDefault();
  });
  // A press beside the dialog closes it.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}
