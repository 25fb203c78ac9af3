/** Every sentence that the game page makes out of a state. */
import { discsOf, moverOf, otherSeat } from "./state.js";
import { shownTime } from "../site/times.js";

export function nameOf(game, seat) {
  return game[`participant${seat}`];
}

function possessive(name) {
  return `${name}’s`;
}

/** How a game ended, for whoever holds seat `you` (null: a spectator). */
export function outcomeSentence(game, you) {
  const { winner, reason } = game.outcome;
  const won = winner === null ? "" : winner === you ? "You won" : `${nameOf(game, winner)} won`;
  switch (reason) {
    case "four_in_a_row": return `${won}: four in a row.`;
    case "board_full": return "A draw: the board is full.";
    case "resignation": return `${winner && otherSeat(winner) === you ? "You" : nameOf(game, otherSeat(winner))} resigned. ${won}.`;
    case "timeout": return winner ? `Time is up. ${won}.` : "Time is up. A draw.";
    case "abandonment": return winner ? `The other side left. ${won}.` : "Abandoned: nobody moved any more. No result.";
    case "agreement": return "A draw, agreed by both.";
    case "aborted": return game.startTime ? "Aborted. No result." : "This game was cancelled before it began.";
    case "adjudication": return winner ? `Decided by a moderator. ${won}.` : "Decided by a moderator: a draw.";
    default: return won ? `${won}.` : "This game is over.";
  }
}

/** Where the game stands, in one sentence. */
export function statusSentence(state) {
  const { game, you, pending, closed } = state;
  if (closed && game.state !== "finished") return "Not connected.";
  if (game.state === "waiting") return "Waiting for an opponent.";
  if (game.state === "finished") return outcomeSentence(game, you);
  if (pending) return "Sending your move…";
  return game.turn === you ? "Your move." : `${possessive(nameOf(game, game.turn))} move.`;
}

/** What was played last, while the game goes on. */
export function lastMoveSentence({ game, you, pending }) {
  const ply = game.moves.length;
  if (game.state !== "in-progress" || pending || ply === 0) return "";
  const mover = moverOf(game, ply);
  return `${mover === you ? "You" : nameOf(game, mover)}: column ${game.moves[ply - 1] + 1}.`;
}

/** The page's title. */
export function titleOf(state) {
  const { game, you, closed } = state;
  const mark = game.state === "in-progress" && game.turn === you && !closed ? "● " : "";
  return `${mark}${statusSentence({ ...state, pending: null }).replace(/\.$/, "")} · Fourline`;
}

/** One move as it is read out: "bea: column 4, row 2." Both counted from 1. */
export function moveSentence(game, ply, you) {
  const disc = discsOf(game, ply)[ply - 1];
  const mover = moverOf(game, ply);
  return `${mover === you ? "You" : nameOf(game, mover)}: column ${disc.column + 1}, row ${disc.row + 1}.`;
}

/** Since when somebody is away, as the bar says it. */
export function awaySentence(sinceMs, nowMs) {
  if (sinceMs === null || sinceMs > nowMs) return "away";
  const since = new Date(sinceMs);
  const isToday = since.toDateString() === new Date(nowMs).toDateString();
  return `away since ${shownTime(since, isToday ? "time" : "recent")}`;
}

export function spectatorsSentence(count) {
  return count === 1 ? "1 watching" : `${count} watching`;
}

/**
 * What a refusal means to the person at this page.
 *
 * @param {object} event the protocol's `error`
 * @param {boolean} isSentAgain whether the page itself will try again
 */
export function refusalSentence(event, isSentAgain) {
  if (isSentAgain) return "The server could not record that just now. Trying again…";
  const sentences = {
    not_a_participant: "You are watching this game. Only its two players can move.",
    not_your_turn: "It is not your turn.",
    column_full: "That column is full.",
    wrong_ply: "That move came too late: the board had changed.",
    offer_unavailable: "You offered a draw a moment ago, or the offer is gone.",
    rematch_unavailable: "There is no rematch to be had here.",
  };
  return sentences[event.code] ?? event.message;
}
