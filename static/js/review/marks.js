/** Marks at mistakes and blunders in the list of moves: a sign, a colour, and a word for screen readers. */
import { isError } from "./scores.js";
import { verdictName } from "./words.js";

const SIGNS = { mistake: "?", blunder: "??" };

/**
 * @param {Element} list of moves, as `game/moves.js` makes it
 * @param {object} review
 */
export function markMoves(list, review) {
  review.plies.forEach(({ ply, verdict }) => {
    const link = list.children[ply - 1]?.querySelector(".move");
    if (!link || !isError(verdict) || link.querySelector(".move-verdict")) return;
    link.append(mark(verdict));
  });
}

function mark(verdict) {
  const element = document.createElement("span");
  element.className = `move-verdict ${verdict}`;
  const [sign, word] = [document.createElement("span"), document.createElement("span")];
  sign.textContent = SIGNS[verdict];
  sign.setAttribute("aria-hidden", "true");
  word.textContent = `, ${verdictName(verdict).toLowerCase()}`;
  word.className = "visually-hidden";
  element.append(sign, word);
  return element;
}
