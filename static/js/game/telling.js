/** What happened, told beyond the picture: the live region for screen readers, sounds, a toast for who joined. */
import { otherSeat } from "./state.js";
import { playSound } from "./sounds.js";
import { toast } from "../site/toast.js";
import { firstMoveNote, leftSentence, moveSentence, nameOf, outcomeSentence, statusSentence } from "./words.js";

const SAID_AGAIN_AFTER_MS = 50;

/** Says a sentence to screen readers. One that stands there already is taken away first: else it would not be heard. */
export function announce(sentence) {
  const announcer = document.querySelector("[data-announcer]");
  if (announcer.textContent !== sentence) {
    announcer.textContent = sentence;
    return;
  }
  announcer.textContent = "";
  setTimeout(() => { announcer.textContent ||= sentence; }, SAID_AGAIN_AFTER_MS);
}

/** Tells what an event changed. */
export function tell(before, after, event) {
  const sentence = sentenceFor(before, after, event);
  if (sentence) announce(sentence);
  const sound = soundFor(before, after);
  if (sound) playSound(sound);
  if (hasJoined(before, after)) toast(joinedSentence(after));
  if (event.type === "time_added" && after !== before) toast(timeAddedSentence(after, event));
}

function sentenceFor(before, after, event) {
  const ended = before.game.state !== "finished" && after.game.state === "finished";
  if (ended && event.type !== "move_played") return outcomeSentence(after.game, after.you);
  if (hasJoined(before, after)) return joinedSentence(after);
  if (after.game.moves.length > before.game.moves.length) {
    return `${moveSentence(after.game, after.game.moves.length, after.you)} ${statusSentence(after)}${firstMoveNote(after)}`;
  }
  return offerSentence(before, after, OFFERS.draw) ?? takebackSentence(before, after, event)
    ?? rematchSentence(before, after) ?? presenceSentence(before, after);
}

function hasJoined(before, after) {
  return before.game.state === "waiting" && after.game.state === "in-progress";
}

function joinedSentence({ game, you, pending }) {
  return `${you === 2 ? "You" : nameOf(game, 2)} joined. ${statusSentence({ game, you, pending })}${firstMoveNote({ game, you })}`;
}

const OFFERS = {
  draw: { key: "draw", offered: "Draw offered.", asks: "offers a draw.", gone: "The offer of a draw is gone." },
  takeback: { key: "takeback", offered: "Takeback asked for.", asks: "asks to take a move back.", gone: "The takeback is off." },
};

function offerSentence(before, after, { key, offered, asks, gone }) {
  const [was, is] = [before.game.offers[key], after.game.offers[key]];
  if (was === is || after.you === null || after.game.state !== "in-progress") return null;
  const other = nameOf(after.game, otherSeat(after.you));
  if (is === null) return gone;
  return is === after.you ? `${offered} ${other} has to accept it.` : `${other} ${asks}`;
}

function takebackSentence(before, after, event) {
  if (event.type !== "moves_taken_back" || after === before) return offerSentence(before, after, OFFERS.takeback);
  return `${event.plies === 1 ? "One move" : `${event.plies} moves`} taken back. ${statusSentence(after)}`;
}

function timeAddedSentence({ game, you }, { participant }) {
  return participant === you ? `${nameOf(game, otherSeat(you))} gave you more time.` : `${nameOf(game, participant)} got more time.`;
}

function rematchSentence(before, after) {
  const [was, is] = [before.rematch.offeredBy, after.rematch.offeredBy];
  if (was === is || after.you === null) return null;
  const other = nameOf(after.game, otherSeat(after.you));
  if (is === after.you) return `Rematch offered. ${other} has to accept it.`;
  if (is !== null) return `${other} offers a rematch.`;
  return after.rematch.game === null ? "The rematch offer is gone." : null;
}

/** The other player coming or going; nothing is said about the first that a connection hears. */
function presenceSentence(before, after) {
  if (after.presence?.claim && !before.presence?.claim && after.presence.claim.participant === after.you) return leftSentence(after);
  if (!before.presence || !after.presence || after.you === null) return null;
  const key = `participant${otherSeat(after.you)}`;
  if (before.presence[key] === after.presence[key]) return null;
  return `${nameOf(after.game, otherSeat(after.you))} is ${after.presence[key] ? "back" : "away"}.`;
}

function soundFor(before, after) {
  if (hasJoined(before, after)) return "joined";
  if (before.game.state === "in-progress" && after.game.state === "finished") {
    return after.you !== null && after.game.outcome.winner === after.you ? "won" : "over";
  }
  const discs = ({ game, pending }) => game.moves.length + (pending ? 1 : 0);
  return discs(after) > discs(before) ? "disc" : null;
}
