/** Who the page is for: somebody signed in, a guest, or nobody yet, of whom the first act that needs somebody makes a guest. */
import { csrfToken } from "../site/forgery.js";

const body = document.body;

/** The name, empty for nobody. */
export function myName() {
  return body.dataset.username ?? "";
}

/**
 * Sends JSON by POST with the session; the answer's object, with `status`.
 *
 * @param {string} address of this site
 * @param {object} fields what the body holds
 */
export async function post(address, fields = {}) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
  const response = await fetch(address, { method: "POST", headers, body: JSON.stringify(fields) });
  const answer = await response.json().catch(() => ({}));
  return { ...answer, status: response.status };
}

/**
 * Makes sure that the page is somebody's: a guest's, where it was nobody's.
 *
 * @returns {Promise<boolean>} whether it is; if not, the browser is on its way to the page for signing in
 */
export async function beSomebody() {
  if (myName()) return true;
  const address = body.dataset.guestAddress;
  const guest = address ? await post(address).catch(() => ({ status: 0 })) : { status: 403 };
  if (guest.status === 200) {
    body.dataset.username = guest.name;
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => { field.value = csrfToken(); });
    return true;
  }
  if (guest.status === 0 || guest.status >= 429) throw new Error(guest.message ?? "The server doesn't answer. Try again.");
  location.assign(body.dataset.signInAddress);
  return false;
}
