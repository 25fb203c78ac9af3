/** Every sentence of a puzzle. Pure. */
import { columnInWords } from "../review/words.js";

const NAMES = { 1: "Red", 2: "Yellow" };

/** The side of a participant, as a puzzle calls it: puzzles have no names. */
export function sideName(participant) {
  return NAMES[participant];
}

/** What is to be found. */
export function taskSentence(participant, isWon) {
  return `${sideName(participant)} to move. One column alone ${isWon ? "wins" : "holds the draw"}: which?`;
}

/** What came of an answer. */
export function answerSentence(ply, { column, isRight, answer, scores }) {
  const kept = columnInWords(ply, scores[answer]).replace("a draw", "holds the draw");
  if (isRight) return `Right: ${column + 1} ${kept}.`;
  const instead = columnInWords(ply, scores[column]).replace("a draw", "is only a draw");
  return `Not ${column + 1}: it ${instead}. ${answer + 1} ${kept}.`;
}

/** What a refusal means. */
export function refusedSentence(status, body) {
  if (body?.code === "game_in_progress") return "You are playing a timed game: no puzzles until it is over.";
  if (status === 403) return "This page is too old. Reload it.";
  return body?.message ?? "The server did not answer. Try again.";
}
