/**
 * "What if": a line of moves that leaves a finished game at some ply. Pure.
 *
 * A line is {from, moves}: `from` plies of the game, then `moves`, columns of its own.
 */

/** A line that leaves a game after so many plies, without a move yet. */
export function lineFrom(ply) {
  return { from: ply, moves: [] };
}

/** All columns of a line, those of the game included. */
export function columnsOf(game, line) {
  return [...game.moves.slice(0, line.from), ...line.moves];
}

/**
 * A line with one more move. As long as it only repeats what the game did, it is the game.
 *
 * @returns {object} the line
 */
export function played(game, line, column) {
  if (line.moves.length === 0 && game.moves[line.from] === column) return lineFrom(line.from + 1);
  return { ...line, moves: [...line.moves, column] };
}

/** The line with one move less; once it has none of its own, it is the game at the ply where it left. */
export function takenBack(line) {
  return { ...line, moves: line.moves.slice(0, -1) };
}

/** Whether a line has left its game. */
export function hasLeft(line) {
  return line.moves.length > 0;
}

/** A line as people write it: columns from 1. */
export function notationOf(columns) {
  return columns.map((column) => column + 1).join("");
}
