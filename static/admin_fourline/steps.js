/** Steps through a game on its admin page: buttons, arrow keys, a click on a ply. The server's drawing is the last position. */
import { updateSmallBoard } from "../js/game/board.js";

const KEYS = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last" };

function stepThrough(review) {
  const game = JSON.parse(review.dataset.steps);
  const drawing = review.querySelector("[data-drawing] svg");
  const steps = review.querySelector(".game-steps");
  const plies = game.moves.length;
  let shown = plies;

  function show(ply) {
    shown = Math.max(0, Math.min(plies, ply));
    updateSmallBoard(drawing, { ...game, moves: game.moves.slice(0, shown), outcome: shown === plies ? game.outcome : null });
    steps.querySelector("output").textContent = shown === 0 ? "Start" : `Ply ${shown} of ${plies}`;
    disable(["first", "back"], shown === 0);
    disable(["forward", "last"], shown === plies);
    review.querySelectorAll("tr[data-ply]").forEach((row) => mark(row, Number(row.dataset.ply) === shown));
  }

  // A disabled button would lose the focus in the middle of stepping.
  function disable(ways, isDisabled) {
    ways.forEach((way) => steps.querySelector(`[data-step="${way}"]`).setAttribute("aria-disabled", String(isDisabled)));
  }

  function mark(row, isShown) {
    row.toggleAttribute("data-shown", isShown);
    const button = row.querySelector("button");
    if (isShown) button.setAttribute("aria-current", "step");
    else button.removeAttribute("aria-current");
  }

  function step(way) {
    show({ first: 0, back: shown - 1, forward: shown + 1, last: plies }[way]);
  }

  review.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.step) step(button.dataset.step);
    if (button?.dataset.go) show(Number(button.dataset.go));
  });
  document.addEventListener("keydown", (event) => {
    const isElsewhere = event.target.closest("input, select, textarea, [contenteditable]");
    if (!(event.key in KEYS) || isElsewhere || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    step(KEYS[event.key]);
  });
  steps.hidden = false;
  show(plies);
}

document.querySelectorAll("[data-steps]").forEach(stepThrough);
