/** Quiet bars at the foot of every page: each says one thing, with a few buttons. */

function holder() {
  let bars = document.querySelector(".bars");
  if (!bars) {
    bars = document.createElement("section");
    bars.className = "bars";
    bars.setAttribute("aria-label", "Right now");
    bars.setAttribute("role", "region");
    document.body.append(bars);
  }
  return bars;
}

function makeButton({ label, press, isPrimary }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = isPrimary ? "button small primary" : "button small";
  button.textContent = label;
  button.addEventListener("click", press);
  return button;
}

/**
 * A bar, hidden at first.
 *
 * @param {string} name to tell it from others
 * @returns {object} `show(title, note, buttons)`: title and note are text, buttons `{label, press, isPrimary}`, which are
 *   made anew only when their labels change, so that focus stays; `hide()`
 */
export function bar(name) {
  const element = document.createElement("div");
  element.className = "bar";
  element.dataset.bar = name;
  const words = document.createElement("p");
  const title = document.createElement("strong");
  const note = document.createElement("span");
  // Said once to screen readers; what changes each second is beside it.
  title.setAttribute("role", "status");
  words.append(title, " ", note);
  const row = document.createElement("div");
  row.className = "button-row";
  element.append(words, row);
  let labels = "";
  return {
    show(titleText, noteText, buttons) {
      if (!element.isConnected) holder().append(element);
      if (title.textContent !== titleText) title.textContent = titleText;
      note.textContent = noteText;
      const wanted = buttons.map(({ label }) => label).join("\n");
      if (wanted !== labels) row.replaceChildren(...buttons.map(makeButton));
      labels = wanted;
    },
    hide() {
      labels = "";
      element.remove();
    },
  };
}
