/**
 * Draws a position, large or small. It is told what lies where, which discs won and where a disc may hover; it knows
 * no rule of the game.
 */
import { fall, lightUp } from "./motion.js";
import * as shapes from "./shapes.js";
import { discsOf } from "./state.js";

const { svg } = shapes;

/**
 * The large board. `element` is the drawing; `draw(view)` brings it up to date:
 *   discs    [{column, row, participant, given}]: what lies on the board; given discs are paler
 *   pending  {column, row, participant} or null: a disc that the server has not confirmed
 *   last     {column, row} or null: the last move
 *   line     [[column, row], ...] or null: the discs that won
 *   hover    {column, participant, resting} or null: the disc above the board; resting: it waits for somebody else
 *   landing  {column, row, participant} or null: where the hovering disc would come to lie
 *   best     [{column, row}], or nothing: cells to mark as good to play
 */
export class Board {
  #discs = svg("g");
  #hover = svg("g");
  #marks = svg("g");
  #lying = new Map();
  #line = null;
  #drawn = false;

  constructor() {
    const rims = svg("g", {}, ...shapes.everyCell(shapes.rim));
    this.element = svg("svg", { class: "board", viewBox: shapes.BOARD_VIEW, "aria-hidden": "true", focusable: "false" },
      shapes.holeShade(), shapes.plateRectangle("board-back"), this.#discs, this.#hover, shapes.plateWithHoles(), rims, this.#marks);
  }

  draw(view) {
    const fallsFor = this.#drawDiscs(view.pending ? [...view.discs, { ...view.pending, pending: true }] : view.discs);
    this.#drawHover(view.hover);
    this.#drawMarks(view, fallsFor);
  }

  /** Adds what is new and removes what is gone. A single new disc falls; a whole new position just appears. */
  #drawDiscs(wanted) {
    const keys = new Set(wanted.map(keyOf));
    this.#lying.forEach((drawn, key) => {
      if (keys.has(key)) return;
      drawn.parentNode.remove();
      this.#lying.delete(key);
    });
    const fresh = wanted.filter((disc) => !this.#lying.has(keyOf(disc)));
    fresh.forEach((disc) => this.#lay(disc));
    wanted.forEach((disc) => this.#lying.get(keyOf(disc)).classList.toggle("pending", Boolean(disc.pending)));
    const isFirstDrawing = !this.#drawn;
    this.#drawn = true;
    if (isFirstDrawing || fresh.length !== 1) return 0;
    return fall(this.#lying.get(keyOf(fresh[0])), shapes.centreY(fresh[0].row) - shapes.HOVER_Y);
  }

  /** The outer group holds the place, so that the inner one is free to fall. */
  #lay(disc) {
    const drawn = shapes.disc(disc.participant);
    drawn.classList.toggle("given", Boolean(disc.given));
    const place = svg("g", {}, drawn);
    shapes.placeAt(place, disc.column, shapes.centreY(disc.row));
    this.#discs.append(place);
    this.#lying.set(keyOf(disc), drawn);
  }

  #drawHover(hover) {
    this.#hover.replaceChildren();
    if (!hover) return;
    const drawn = shapes.disc(hover.participant);
    drawn.classList.add("hover-disc");
    drawn.classList.toggle("resting", hover.resting);
    shapes.placeAt(drawn, hover.column, shapes.HOVER_Y);
    this.#hover.append(drawn);
  }

  #drawMarks(view, fallsFor) {
    const marks = [];
    if (view.landing) marks.push(shapes.holeRing(view.landing.column, view.landing.row, `landing disc-${view.landing.participant}`));
    (view.best ?? []).forEach(({ column, row }) => marks.push(shapes.goodCell(column, row)));
    if (view.last && !view.line) marks.push(shapes.holeRing(view.last.column, view.last.row, "last-mark"));
    const winning = (view.line ?? []).map(([column, row]) => shapes.holeRing(column, row, "win-mark"));
    const isNewLine = JSON.stringify(view.line) !== JSON.stringify(this.#line);
    // Drawing the same line again would light it again.
    if (view.line && !isNewLine) return;
    this.#marks.replaceChildren(...marks, ...winning);
    this.#line = view.line;
    if (view.line) lightUp(winning, fallsFor);
  }
}

function keyOf({ column, row, participant }) {
  return `${column},${row},${participant}`;
}

/**
 * A small board for lists: plain circles, no motion.
 *
 * @param {object} game as the protocol writes it
 * @returns {SVGElement} `updateSmallBoard` brings it up to date
 */
export function smallBoard(game) {
  const cells = shapes.everyCell((column, row) => shapes.circleAt(column, row, 40, { class: "cell" }));
  const marks = shapes.everyCell((column, row) => shapes.circleAt(column, row, 18, { class: "cell-mark" }));
  const drawing = svg("svg", { class: "board-small", viewBox: shapes.SMALL_VIEW, "aria-hidden": "true", focusable: "false" },
    shapes.plateRectangle("board-plate"), ...cells, ...marks);
  updateSmallBoard(drawing, game);
  return drawing;
}

/** Brings a small board up to date with its game. */
export function updateSmallBoard(drawing, game) {
  const cells = drawing.querySelectorAll(".cell");
  const marks = drawing.querySelectorAll(".cell-mark");
  cells.forEach((cell) => cell.setAttribute("class", "cell"));
  marks.forEach((mark) => mark.setAttribute("class", "cell-mark"));
  const discs = discsOf(game);
  discs.forEach(({ column, row, participant }, index) => {
    const cell = row * shapes.COLUMNS + column;
    cells[cell].classList.add(`disc-${participant}`);
    cells[cell].classList.toggle("last", index === discs.length - 1);
    marks[cell].classList.add(`disc-${participant}`);
    marks[cell].setAttribute("r", participant === 1 ? 20 : 13);
  });
  (game.outcome?.line ?? []).forEach(([column, row]) => cells[row * shapes.COLUMNS + column].classList.add("won"));
}

/**
 * Fills elements that a page holds for small boards: `<div data-small-board='{"moves": [...], "firstMove": 1,
 * "outcome": null}'>`. They are pictures: the page says beside them what they show.
 */
export function fillSmallBoards(root = document) {
  root.querySelectorAll("[data-small-board]").forEach((place) => {
    place.replaceChildren(smallBoard(JSON.parse(place.dataset.smallBoard)));
  });
}
