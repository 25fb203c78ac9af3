/** What can be done about whoever said a line: look at the profile, hide all their lines, report them. */
import { csrfToken } from "../site/forgery.js";

/** Sends a form without leaving the page; whether the server took it. */
export async function send(address, fields = {}) {
  const body = new URLSearchParams({ ...fields, csrfmiddlewaretoken: csrfToken() });
  const headers = { Accept: "application/json" };
  const response = await fetch(address, { method: "POST", headers, body }).catch(() => null);
  return response?.ok ?? false;
}

/**
 * Wires the menu to the names in the lines.
 *
 * @param {Element} root holds the menu [data-chat-person] and the lists of lines
 * @param {function(string)} tell says a sentence beside the chat
 */
export function wirePersonMenu(root, tell) {
  const menu = root.querySelector("[data-chat-person]");
  let name = "";

  const addressOf = (link) => link.dataset.address.replace("NAME", name);

  function open(button) {
    name = button.dataset.person;
    const isGone = name.startsWith("[");
    if (isGone) return;
    menu.querySelector("[data-person-name]").textContent = name;
    menu.querySelectorAll("a[data-address]").forEach((link) => { link.href = addressOf(link); });
    menu.showPopover();
    menu.querySelector("a, button").focus();
  }

  root.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-person]");
    if (button) open(button);
  });
  const hide = menu.querySelector("button[data-address]");
  hide?.addEventListener("click", async () => {
    menu.hidePopover();
    const isHidden = await send(addressOf(hide));
    tell(isHidden ? `You no longer see what ${name} says. Their profile takes that back.` : "The server doesn't answer. Try again.");
  });
}
