/** Every sentence that the game page makes out of a state. */
import { claimMs, countdownText, firstMoveMs } from "./clock.js";
import { discsOf, moverOf, otherSeat } from "./state.js";
import { shownTime } from "../site/times.js";

export function nameOf(game, seat) {
  return game[`participant${seat}`];
}

function possessive(name) {
  return `${name}’s`;
}

/** Points as scores are written: "2½", "0". */
export function pointsText(points) {
  const whole = Math.floor(points);
  return points === whole ? String(whole) : `${whole || ""}½`;
}

/** How a game ended, for whoever holds seat `you` (null: a spectator). */
export function outcomeSentence(game, you) {
  const { winner, reason } = game.outcome;
  const won = winner === null ? "" : winner === you ? "You won" : `${nameOf(game, winner)} won`;
  switch (reason) {
    case "four_in_a_row": return `${won}: four in a row.`;
    case "board_full": return "A draw: the board is full.";
    case "resignation": return `${loserOf(game, you)} resigned. ${won}.`;
    case "timeout": return winner ? `${loserOf(game, you)} ran out of time. ${won}.` : "Time is up. A draw.";
    case "abandonment": return winner ? `${loserOf(game, you)} left. ${won}.` : abandonedSentence(game);
    case "agreement": return "A draw, agreed by both.";
    case "aborted": return game.startTime ? "Aborted. No result." : "This game was cancelled before it began.";
    case "adjudication": return winner ? `Decided by a moderator. ${won}.` : "Decided by a moderator: a draw.";
    default: return won ? `${won}.` : "This game is over.";
  }
}

function loserOf(game, you) {
  const loser = otherSeat(game.outcome.winner);
  return loser === you ? "You" : nameOf(game, loser);
}

/** Without a clock nobody may have moved for a week; with one a side left and the other called it a draw. */
function abandonedSentence(game) {
  return game.timeControl ? "One side left: called a draw." : "Abandoned: nobody moved any more. No result.";
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

/** Longer than this before a claim, the bar's "away since" has to do. */
const CLAIM_SHOWN_MS = 3600000;

/**
 * What is to be known beside where the game stands: what is counted down, what one has offered, what was played last.
 *
 * @param {object} state
 * @param {number} serverMs the server's time
 * @returns {{text: string, isUrgent: boolean}}
 */
export function asideOf(state, serverMs) {
  const { game, you, pending, presence } = state;
  if (game.state !== "in-progress" || pending) return { text: "", isUrgent: false };
  const claim = claimMs(presence?.claim, serverMs);
  if (claim !== null && claim < CLAIM_SHOWN_MS) return { text: leftSentence(state, claim), isUrgent: true };
  const firstMove = firstMoveMs(game.clock, serverMs);
  if (firstMove !== null) return { text: firstMoveSentence(game, you, firstMove), isUrgent: game.turn === you };
  if (you !== null && game.offers.draw === you) return { text: "Draw offered.", isUrgent: false };
  if (you !== null && game.offers.takeback === you) return { text: "Takeback asked for.", isUrgent: false };
  return { text: lastMoveSentence(game, you), isUrgent: false };
}

/** "Bob has left. You can claim the win in 0:27."; without a number for 0 milliseconds, or where it isn't known. */
export function leftSentence({ game, you, presence }, ms = null) {
  const claimer = presence.claim.participant;
  const left = `${nameOf(game, otherSeat(claimer))} has left.`;
  if (claimer !== you) return left;
  const can = game.timeControl ? "You can claim the win" : "You can call it a draw";
  if (ms === 0) return `${left} ${can}.`;
  return `${left} ${can} ${ms === null ? "soon" : `in ${countdownText(ms)}`}.`;
}

/** How much time one has for one's first move, to be told when it begins; empty where it is no such move. */
export function firstMoveNote({ game, you }) {
  const { clock, turn } = game;
  if (turn !== you || !clock?.firstMoveBy) return "";
  return ` ${Math.round((Date.parse(clock.firstMoveBy) - Date.parse(clock.at)) / 1000)} seconds for your first move.`;
}

function firstMoveSentence(game, you, ms) {
  return `${countdownText(ms)} for ${game.turn === you ? "your" : "the"} first move.`;
}

function lastMoveSentence(game, you) {
  const ply = game.moves.length;
  if (ply <= game.openingPlies) return "";
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

/** By the command that was refused: the page sends its name as its `id`. */
const OFFER_REFUSALS = {
  offer_draw: "You offered a draw a moment ago, or the offer is gone.",
  offer_takeback: "You asked for a takeback a moment ago, or the request is gone.",
  decline_draw: "The offer is gone.",
  decline_takeback: "The request is gone.",
};

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
    nothing_to_claim: "The other side is back, or may still come back.",
    too_late: "Too late: both have moved. You can resign.",
    rematch_unavailable: "There is no rematch to be had here.",
  };
  if (event.code === "offer_unavailable") return OFFER_REFUSALS[event.id] ?? event.message;
  return sentences[event.code] ?? event.message;
}
