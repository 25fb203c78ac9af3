/** The board as a table, for screen readers: names and "empty" in six rows, the top one first. */
import { COLUMNS, ROWS } from "./shapes.js";
import { nameOf } from "./words.js";

function cell(tag, text, scope) {
  const element = document.createElement(tag);
  element.textContent = text;
  if (scope) element.scope = scope;
  return element;
}

export class BoardTable {
  #cells = new Map();

  constructor() {
    this.element = document.createElement("table");
    this.element.append(document.createElement("caption"), this.#head(), this.#body());
    this.element.caption.textContent = "The board";
  }

  #head() {
    const row = document.createElement("tr");
    row.append(cell("td", ""));
    for (let column = 0; column < COLUMNS; column += 1) row.append(cell("th", `Column ${column + 1}`, "col"));
    const head = document.createElement("thead");
    head.append(row);
    return head;
  }

  #body() {
    const body = document.createElement("tbody");
    for (let row = ROWS - 1; row >= 0; row -= 1) body.append(this.#row(row));
    return body;
  }

  #row(row) {
    const element = document.createElement("tr");
    element.append(cell("th", `Row ${row + 1}`, "row"));
    for (let column = 0; column < COLUMNS; column += 1) {
      const field = cell("td", "empty");
      this.#cells.set(`${column},${row}`, field);
      element.append(field);
    }
    return element;
  }

  /** Writes what lies where; only what differs is touched. */
  draw(game, discs) {
    const holders = new Map(discs.map(({ column, row, participant }) => [`${column},${row}`, nameOf(game, participant)]));
    this.#cells.forEach((field, key) => {
      const text = holders.get(key) ?? "empty";
      if (field.textContent !== text) field.textContent = text;
    });
  }
}
