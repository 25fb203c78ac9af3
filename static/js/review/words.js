/** Every sentence about scores and verdicts. Pure. Columns are counted from 1, as on the page. */
import { moverOf, otherSeat } from "../game/state.js";
import { nameOf } from "../game/words.js";
import { bestColumns, bestScore, keepingColumns, lastPly, resultOf } from "./scores.js";

const NAMES = { only: "Only move", best: "Best", good: "Good", mistake: "Mistake", blunder: "Blunder" };

/** A verdict as one word or two; empty for a ply of the opening. */
export function verdictName(verdict) {
  return NAMES[verdict] ?? "";
}

/** "5", "4 or 5", "3, 4 or 5". */
export function columnsInWords(columns) {
  const names = columns.map((column) => String(column + 1));
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

/**
 * What a ply did: "Blunder: 3 lost the game; 5 would have won by move 27."
 *
 * @param {number} column that was played
 * @param {object} reviewed of the review's plies: `ply`, `scores`, `verdict`
 */
export function verdictSentence(column, { ply, scores, verdict }) {
  if (!scores) return "Part of the opening.";
  const open = scores.filter((score) => score !== null).length;
  if (open === 1) return `Forced: only ${column + 1} was open. It ${outcomeNow(ply, scores[column])}.`;
  return `${verdictName(verdict)}: ${SENTENCES[verdict](column, ply, scores)}.`;
}

const SENTENCES = {
  only: (column, ply, scores) => `no column but ${column + 1} ${scores[column] > 0 ? "wins" : "holds the draw"}`,
  best: (column, ply, scores) => `${column + 1} ${outcomeNow(ply, scores[column])}`,
  good: (column, ply, scores) => `${column + 1} ${laterThanBest(ply, scores[column])}; ${wouldHave(ply, scores)}`,
  mistake: (column, ply, scores) => `${column + 1} ${lost(scores, column)}; ${wouldHave(ply, scores)}`,
  blunder: (column, ply, scores) => `${column + 1} lost the game; ${wouldHave(ply, scores)}`,
};

function outcomeNow(ply, score) {
  if (score === 0) return "holds the draw";
  return score > 0 ? `wins by move ${lastPly(ply, score)}` : `holds out until move ${lastPly(ply, score)}`;
}

function laterThanBest(ply, score) {
  return score > 0 ? `still wins, by move ${lastPly(ply, score)}` : `loses by move ${lastPly(ply, score)}`;
}

function lost(scores, column) {
  return resultOf(bestScore(scores)) > 0 && scores[column] === 0 ? "let the win go" : "lost the draw";
}

function wouldHave(ply, scores) {
  const [best, columns] = [bestScore(scores), columnsInWords(bestColumns(scores))];
  if (best === 0) return `${columns} would have held it`;
  return best > 0 ? `${columns} would have won by move ${lastPly(ply, best)}` : `${columns} would have held out until move ${lastPly(ply, best)}`;
}

/**
 * Who is winning a position: "alice is winning, by move 27."
 *
 * @param {number} ply the ply that is to be played
 * @param {number} score of the side to move
 * @param {string} mover its name
 * @param {string} other the other side's
 */
export function standingSentence(ply, score, mover, other) {
  if (score === 0) return "A draw, if both play on perfectly.";
  return `${score > 0 ? mover : other} is winning, by move ${lastPly(ply, score)}.`;
}

/** What to play in a position: "Best for alice: 4 or 5." */
export function bestSentence(scores, mover) {
  const [best, columns] = [bestScore(scores), columnsInWords(bestColumns(scores))];
  const isOneOfSeveral = scores.filter((score) => score !== null).length > 1;
  if (isOneOfSeveral && keepingColumns(scores).length === 1) return `The only move for ${mover}: ${columns}.`;
  return best < 0 ? `${mover} holds out longest with ${columns}.` : `Best for ${mover}: ${columns}.`;
}

/** What a column would bring, beside its name: "wins by move 27". Empty for a full one. */
export function columnInWords(ply, score) {
  if (score === null) return "";
  if (score === 0) return "a draw";
  return score > 0 ? `wins by move ${lastPly(ply, score)}` : `loses by move ${lastPly(ply, score)}`;
}

/** The same in the few signs that there is room for under a column: `["+3", "win 27"]`. */
export function columnInSigns(ply, score) {
  if (score === null) return ["–", "full"];
  if (score === 0) return ["0", "draw"];
  return score > 0 ? [`+${score}`, `win ${lastPly(ply, score)}`] : [`−${-score}`, `loss ${lastPly(ply, score)}`];
}

/** Accuracy as a person reads it. */
export function accuracyInWords(accuracy) {
  return accuracy === null ? "–" : `${Math.round(accuracy)}%`;
}

/**
 * Who is winning a position, and what to play in it.
 *
 * @param {object} game whose sides they are
 * @param {number} ply the ply that is to be played
 * @param {(number|null)[]} scores of its columns
 */
export function positionSentences(game, ply, scores) {
  const mover = moverOf(game, ply);
  const [name, other] = [nameOf(game, mover), nameOf(game, otherSeat(mover))];
  return `${standingSentence(ply, bestScore(scores), name, other)} ${bestSentence(scores, name)}`;
}

/** What a ply of a game did, and how it stands after it. */
export function plySentences(game, review, ply) {
  const [reviewed, next] = [review.plies[ply - 1], review.plies[ply]];
  const did = reviewed ? verdictSentence(game.moves[ply - 1], reviewed) : "";
  return [did, next?.scores ? positionSentences(game, ply + 1, next.scores) : ""].filter(Boolean).join(" ");
}

/** What is asked before a mistake, and what came of trying: see `learning.js`. */
export function learningSentence(game, reviewed, { tried, found, shown }) {
  const { ply, scores } = reviewed;
  if (found) return `Right: ${tried.at(-1) + 1} ${outcomeNow(ply, scores[tried.at(-1)])}.`;
  if (shown) return `${sentenceCase(wouldHave(ply, scores))}.`;
  if (tried.length) return `Not ${tried.at(-1) + 1}: it ${broughtInstead(ply, scores[tried.at(-1)])}. Try another column.`;
  const kept = bestScore(scores) > 0 ? "keeps the win" : "holds the draw";
  return `You played ${game.moves[ply - 1] + 1}. Which column ${kept}?`;
}

function broughtInstead(ply, score) {
  return score === 0 ? "lets the other side draw" : `loses by move ${lastPly(ply, score)}`;
}

function sentenceCase(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
