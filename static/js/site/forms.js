/** What forms of accounts and of the lobby have: passwords that can be looked at, buttons that count once. */

const ANSWER_DUE_MS = 5000;

function wirePasswordButton(button) {
  const field = button.parentElement.querySelector("input");
  const show = (isShown) => {
    field.type = isShown ? "text" : "password";
    button.textContent = isShown ? "Hide" : "Show";
    button.setAttribute("aria-label", isShown ? "Hide the password" : "Show the password");
  };
  button.addEventListener("click", () => show(field.type === "password"));
  // A shown password would be remembered by the browser as plain text.
  field.form.addEventListener("submit", () => show(false));
  button.hidden = false;
  show(false);
}

/** A second press while the first is on its way must not make a second game. After a while it is taken for lost. */
function submitOnce(submit) {
  const form = submit.target.closest("form[data-once]");
  if (!form) return;
  if (form.dataset.once === "sent") submit.preventDefault();
  form.dataset.once = "sent";
  setTimeout(() => { form.dataset.once = ""; }, ANSWER_DUE_MS);
}

document.querySelectorAll("[data-show-password]").forEach(wirePasswordButton);
document.addEventListener("submit", submitOnce);
// A page that the back button brings back from memory can be sent again.
addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-once]").forEach((form) => { form.dataset.once = ""; });
});
