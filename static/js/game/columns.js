/** Choosing a column: by pointer, by touch, by arrow keys and Enter, or by its digit. */
import { COLUMNS } from "./shapes.js";
import { areShortcutsWanted } from "./shortcuts.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

/** Whether a key is meant for the page and not for a field, a menu or a dialog. */
export function isForThePage(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return false;
  if (event.key.length === 1 && !areShortcutsWanted()) return false;
  return !event.target.closest?.("input, select, textarea, dialog, [popover], [data-chat], summary, [contenteditable]");
}

export class Columns {
  #buttons;
  #legal = new Set();
  #isActive = false;
  #hasArrows = true;
  #listener;

  /**
   * @param {object} listener `chosen(column)`: a legal column was chosen; `pointed(column or null)`: one is pointed at
   */
  constructor(listener) {
    this.#listener = listener;
    this.#buttons = Array.from({ length: COLUMNS }, (_, column) => this.#button(column));
    this.element = document.createElement("div");
    this.element.className = "columns";
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", "Columns");
    this.element.append(...this.#buttons);
    this.element.addEventListener("pointerleave", () => listener.pointed(this.#focused()));
    this.element.addEventListener("focusout", () => listener.pointed(null));
    document.addEventListener("keydown", (event) => this.#key(event));
    this.#setStop(Math.floor(COLUMNS / 2));
  }

  /**
   * @param {object} now `shown`: whether there is anything to choose at all; `isActive`: whether it can be chosen now;
   *   `legal`: the columns that the server allows; `notes`: what is said of each beside its name; `hasArrows`: whether
   *   arrow keys are for the columns wherever the focus is
   */
  show({ shown, isActive, legal, notes = [], hasArrows = true }) {
    if (!shown && this.element.contains(document.activeElement)) document.getElementById("content").focus({ preventScroll: true });
    this.element.hidden = !shown;
    this.#isActive = isActive;
    this.#hasArrows = hasArrows;
    this.#legal = new Set(legal);
    this.#buttons.forEach((button, column) => {
      const isOpen = isActive && this.#legal.has(column);
      button.setAttribute("aria-disabled", String(!isOpen));
      const note = shown && !this.#legal.has(column) ? "full" : notes[column];
      button.setAttribute("aria-label", `Column ${column + 1}${note ? `, ${note}` : ""}`);
    });
  }

  #button(column) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.column = column;
    button.addEventListener("click", () => this.#choose(column));
    button.addEventListener("pointerenter", () => this.#point(column));
    button.addEventListener("focus", () => {
      this.#setStop(column);
      this.#point(column);
    });
    return button;
  }

  #focused() {
    const column = this.#buttons.indexOf(document.activeElement);
    return column === -1 ? null : column;
  }

  #point(column) {
    this.#listener.pointed(this.#legal.has(column) ? column : null);
  }

  #choose(column) {
    if (this.#isActive && this.#legal.has(column)) this.#listener.chosen(column);
  }

  /** One column at a time takes part in the order of the Tab key; arrows move between them. */
  #setStop(column) {
    this.#buttons.forEach((button, index) => { button.tabIndex = index === column ? 0 : -1; });
  }

  #key(event) {
    if (this.element.hidden || !isForThePage(event)) return;
    const isHere = this.element.contains(event.target) || (this.#hasArrows && event.target === document.body);
    if (/^[1-7]$/.test(event.key) && !event.repeat) this.#digit(Number(event.key) - 1);
    else if (event.key in STEPS && isHere) this.#step(STEPS[event.key]);
    else return;
    event.preventDefault();
  }

  #digit(column) {
    this.#buttons[column].focus();
    this.#choose(column);
  }

  /** To the next column that is not full, or stay. */
  #step(by) {
    const from = this.#buttons.findIndex((button) => button.tabIndex === 0);
    let column = this.#focused() === null ? from : from + by;
    while (this.#buttons[column] && !this.#legal.has(column)) column += by;
    this.#buttons[column]?.focus();
  }
}
