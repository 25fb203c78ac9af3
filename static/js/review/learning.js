/**
 * "Learn from your mistakes": the positions before one's own mistakes and blunders, one after the other. Pure.
 *
 * Learning is {plies, at, tried, found, shown}: the plies of the mistakes, the index of the one on the board, the columns
 * tried there, whether one of them keeps the result, and whether the answer was shown.
 */
import { moverOf } from "../game/state.js";
import { isError, keepingColumns } from "./scores.js";

/** The plies at which a participant gave something away. */
export function mistakesOf(game, review, seat) {
  return review.plies.filter(({ ply, verdict }) => isError(verdict) && moverOf(game, ply) === seat).map(({ ply }) => ply);
}

const FRESH = { tried: [], found: false, shown: false };

export function startLearning(plies) {
  return { plies, at: 0, ...FRESH };
}

/** The ply that was a mistake; the board shows the position before it. Null when all are done. */
export function plyOf(learning) {
  return learning.plies[learning.at] ?? null;
}

/** After a column was tried: right when it keeps the result. Once it is found or shown, nothing more is tried. */
export function afterTry(learning, review, column) {
  if (isSettled(learning) || learning.tried.includes(column)) return learning;
  const found = keepingColumns(scoresOf(learning, review)).includes(column);
  return { ...learning, tried: [...learning.tried, column], found };
}

export function afterShow(learning) {
  return isSettled(learning) ? learning : { ...learning, shown: true };
}

/** On to the next mistake, once this one is settled. */
export function afterNext(learning) {
  return isSettled(learning) ? { ...learning, at: learning.at + 1, ...FRESH } : learning;
}

export function isSettled(learning) {
  return learning.found || learning.shown || plyOf(learning) === null;
}

/** The scores of the position on the board; null when all are done. */
export function scoresOf(learning, review) {
  const ply = plyOf(learning);
  return ply === null ? null : review.plies[ply - 1].scores;
}
