/** Whether single characters (1 to 7, T, ?) are keys of the page: on until switched off, and the wish is remembered. */
const KEY = "shortcuts";

let wanted = true;
try {
  wanted = localStorage.getItem(KEY) !== "off";
} catch (error) {
  // Storage is switched off: the wish holds for this page.
}

/** Whether this person wants them. Speech input and slips of the hand press them unasked (WCAG 2.1.4). */
export function areShortcutsWanted() {
  return wanted;
}

/** Lets the checkbox [data-shortcuts] in `root` switch them; what mentions them follows `data-shortcuts` of `root`. */
export function wireShortcuts(root) {
  const box = root.querySelector("input[data-shortcuts]");
  const draw = () => {
    box.checked = wanted;
    root.dataset.shortcuts = wanted ? "on" : "off";
  };
  box.addEventListener("change", () => {
    wanted = box.checked;
    try {
      localStorage.setItem(KEY, wanted ? "on" : "off");
    } catch (error) {
      // As above.
    }
    draw();
  });
  draw();
}
