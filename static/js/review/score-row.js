/** The scores of all columns, under the board. A picture: screen readers have them with the names of the columns. */
import { COLUMNS } from "../game/shapes.js";
import { bestScore, resultOf } from "./scores.js";
import { columnInSigns } from "./words.js";

const RESULTS = { 1: "won", 0: "drawn", "-1": "lost" };

export class ScoreRow {
  #cells;

  constructor() {
    this.element = document.createElement("div");
    this.element.className = "score-row";
    this.element.setAttribute("aria-hidden", "true");
    this.#cells = Array.from({ length: COLUMNS }, () => this.element.appendChild(cell()));
  }

  /**
   * @param {number} ply the ply that is to be played
   * @param {(number|null)[]|null} scores of the columns; null while nobody knows them
   */
  draw(ply, scores) {
    const best = bestScore(scores);
    this.#cells.forEach((element, column) => {
      const score = scores ? scores[column] : null;
      const [sign, words] = scores ? columnInSigns(ply, score) : ["", ""];
      element.firstChild.textContent = sign;
      element.lastChild.textContent = words;
      element.dataset.result = score === null ? "" : RESULTS[resultOf(score)];
      element.classList.toggle("best", score !== null && score === best);
    });
  }
}

function cell() {
  const element = document.createElement("span");
  element.append(document.createElement("b"), document.createElement("small"));
  return element;
}
