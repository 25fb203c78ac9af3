/**
 * What scores mean. Pure.
 *
 * A score is that of the side to move: 0 a draw, positive it wins, negative it loses; its size is 1 + the discs that the
 * winner has still in hand when it wins, both playing perfectly.
 */

const DISCS_AND_ONE = 22; // of one side
const HIGHEST = 18; // won with the fourth disc
const LEAST_HEIGHT = 0.3; // of a win with the last disc, so that it stands out from a draw

/** 1, 0 or -1: won, drawn or lost. */
export function resultOf(score) {
  return Math.sign(score);
}

/**
 * The ply with which the winner wins.
 *
 * @param {number} ply the ply that is to be played, counted from 1
 * @param {number} score of a column at that ply, or of the position before it; not 0
 */
export function lastPly(ply, score) {
  const discs = DISCS_AND_ONE - Math.abs(score);
  const isWonByFirst = (ply % 2 === 1) === (score > 0);
  return isWonByFirst ? 2 * discs - 1 : 2 * discs;
}

/** The highest of a position's scores; null where there are none. */
export function bestScore(scores) {
  const legal = (scores ?? []).filter((score) => score !== null);
  return legal.length ? Math.max(...legal) : null;
}

/** The columns that keep the score of a position. */
export function bestColumns(scores) {
  const best = bestScore(scores);
  return best === null ? [] : scores.flatMap((score, column) => (score === best ? [column] : []));
}

/** The columns that keep the result of a position. */
export function keepingColumns(scores) {
  const best = bestScore(scores);
  const keeps = (score) => score !== null && resultOf(score) === resultOf(best);
  return best === null ? [] : scores.flatMap((score, column) => (keeps(score) ? [column] : []));
}

/**
 * Who was winning after each ply, the start included: scores as participant 1 has them, null where nobody knows.
 *
 * @param {object} game as the protocol writes it
 * @param {object} review as the protocol writes it
 * @returns {(number|null)[]} one more than there are plies
 */
export function courseOf(game, review) {
  const isFirst = game.firstMove === 1;
  const ofParticipant1 = (ply, score) => (score === null ? null : ((ply % 2 === 1) === isFirst ? score : -score) + 0);
  const after = review.plies.map(({ ply, scores }) => ofParticipant1(ply, scores ? scores[game.moves[ply - 1]] : null));
  // What a position is worth is known before its ply too: after the last ply of an opening from nowhere else.
  const before = review.plies.map(({ ply, score }) => ofParticipant1(ply, score));
  return [before[0] ?? null, ...after.map((score, index) => score ?? before[index + 1] ?? null)];
}

/** How far from a draw a score is, between -1 and 1: the sooner a side wins, the farther. */
export function heightOf(score) {
  if (score === 0) return 0;
  return resultOf(score) * (LEAST_HEIGHT + ((1 - LEAST_HEIGHT) * (Math.abs(score) - 1)) / (HIGHEST - 1));
}

/** The last ply that changed the result, or null. */
export function turningPoint(review) {
  return review.plies.findLast(({ verdict }) => isError(verdict))?.ply ?? null;
}

/** Whether a verdict says that something was given away. */
export function isError(verdict) {
  return verdict === "mistake" || verdict === "blunder";
}
