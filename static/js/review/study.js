/**
 * What the board of a reviewed game shows: the game, a line that leaves it, or a mistake to learn from. Pure.
 *
 * A study is {line, learning}, of which one at most is not null: see `line.js` and `learning.js`.
 */
import { columnsOf } from "./line.js";
import { plyOf, scoresOf } from "./learning.js";

export const THE_GAME = { line: null, learning: null };

/** The columns that lead to the position on the board. */
export function columnsShown(game, ply, { line, learning }) {
  if (line) return columnsOf(game, line);
  if (learning && plyOf(learning) !== null) return game.moves.slice(0, plyOf(learning) - 1);
  return game.moves.slice(0, ply);
}

/** The scores of the position on the board as far as the review has them; null else. */
export function scoresShown(game, review, ply, { line, learning }) {
  if (learning && plyOf(learning) !== null) return scoresOf(learning, review);
  if (line) return line.moves.length ? null : (review.plies[line.from]?.scores ?? null);
  return review.plies[ply]?.scores ?? null;
}
