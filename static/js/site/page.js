/**
 * What every page has: the theme switch, menus that close, times in the reader's zone, buttons that copy.
 */
import { copyText } from "./share.js";
import { shownTime } from "./times.js";
import { toast } from "./toast.js";

const systemPrefersDark = matchMedia("(prefers-color-scheme: dark)");

/** The theme that is shown now: "light" or "dark". */
function shownTheme() {
  return document.documentElement.dataset.theme || (systemPrefersDark.matches ? "dark" : "light");
}

/**
 * Shows a theme and remembers it. A theme that is the system's own is not stored, so that the page follows
 * the system again.
 */
function chooseTheme(theme) {
  const followsSystem = theme === (systemPrefersDark.matches ? "dark" : "light");
  if (followsSystem) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (followsSystem) localStorage.removeItem("theme");
    else localStorage.setItem("theme", theme);
  } catch (error) {
    // Storage is switched off: the choice holds for this page.
  }
}

function wireThemeSwitch(button) {
  const show = () => {
    const dark = shownTheme() === "dark";
    button.setAttribute("aria-label", dark ? "Use the light theme" : "Use the dark theme");
    button.querySelector("[data-icon-sun]").toggleAttribute("hidden", !dark);
    button.querySelector("[data-icon-moon]").toggleAttribute("hidden", dark);
  };
  button.addEventListener("click", () => {
    chooseTheme(shownTheme() === "dark" ? "light" : "dark");
    show();
  });
  systemPrefersDark.addEventListener("change", show);
  button.hidden = false;
  show();
}

/** Closes an open <details class="menu"> on Escape and on a press outside of it. */
function wireMenu(menu) {
  document.addEventListener("pointerdown", (event) => {
    if (menu.open && !menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

/** Shows <time datetime data-local="date|time|both"> in the reader's own zone and manner. */
export function showLocalTime(element) {
  const moment = new Date(element.dateTime);
  if (Number.isNaN(moment.getTime())) return;
  element.textContent = shownTime(moment, element.dataset.local);
  element.title = shownTime(moment, "full");
}

/** Lets a button with data-copy copy that text, or the text of the element that data-copy-from names. */
function wireCopyButton(button) {
  button.addEventListener("click", async () => {
    const source = button.dataset.copyFrom && document.querySelector(button.dataset.copyFrom);
    const copied = await copyText(source ? source.value || source.textContent.trim() : button.dataset.copy, source);
    toast(copied ? "Copied." : "This browser can't copy here. The text is selected: copy it by hand.");
  });
  button.hidden = false;
}

document.querySelectorAll("[data-theme-switch]").forEach(wireThemeSwitch);
document.querySelectorAll("details.menu").forEach(wireMenu);
document.querySelectorAll("time[data-local]").forEach(showLocalTime);
document.querySelectorAll("[data-copy], [data-copy-from]").forEach(wireCopyButton);
