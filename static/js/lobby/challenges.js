/**
 * Challenges, as quiet bars on every page: those for this person, with who it is, for which game, accept or decline; and what
 * became of their own and of those that they had not answered.
 */
import { playSound } from "../game/sounds.js";
import { paceWords } from "../site/time_control.js";
import { toast } from "../site/toast.js";
import { bar } from "./bar.js";
import { listen } from "./line.js";
import { myName, post } from "./person.js";

const bars = new Map();
let note = null;

function gameAddress(gameId) {
  return document.body.dataset.gameAddress.replace("000000", gameId);
}

/** A name, and of a program's account that it is one. */
function named(name, isBot) {
  return isBot ? `${name} (bot)` : name;
}

function firstMoveWords(game) {
  return game.firstMove === 2 ? "you move first" : "they move first";
}

async function answer(game, verb) {
  const found = await post(`/api/games/${game.id}/${verb}/`).catch(() => ({}));
  if (found.status === 200 && verb === "join") {
    location.assign(gameAddress(game.id));
  } else if (found.status !== 200) toast(found.message ?? "The server doesn't answer. Try again.");
  if (found.status) drop(game.id);
}

function show(game, isNew) {
  if (bars.has(game.id)) return;
  const shown = bar(`challenge-${game.id}`);
  bars.set(game.id, shown);
  shown.show(`${named(game.participant1, game.players[0].bot)} challenges you`, `${paceWords(game)} · ${firstMoveWords(game)}`, [
    { label: "Accept", press: () => answer(game, "join"), isPrimary: true },
    { label: "Decline", press: () => answer(game, "decline") },
  ]);
  if (isNew) playSound("joined");
}

function drop(gameId) {
  bars.get(gameId)?.hide();
  bars.delete(gameId);
}

/** Says what became of a challenge until it is pressed away; the game's own page says it by itself. */
function tell(gameId, title, buttons = []) {
  if (location.pathname === gameAddress(gameId)) return;
  const shown = bar(`challenge-over-${gameId}`);
  shown.show(title, "", [...buttons, { label: "Close", press: () => shown.hide() }]);
  if (buttons.length) return;
  note?.hide(); // one that only tells gives its place to the next: they cover what is below them
  note = shown;
}

/** What one did oneself, one knows: only the other side's doing is told. */
function end({ id, result, participant1, invited, bots = [] }) {
  const wasShown = bars.has(id);
  const [maker, other] = [participant1, invited].map((name) => named(name, bots.includes(name)));
  drop(id);
  if (wasShown && result === "withdrawn") tell(id, `${maker} took the challenge back.`);
  if (participant1 !== myName()) return;
  if (result === "declined") tell(id, `${other} declined your challenge.`);
  if (result !== "accepted") return;
  tell(id, `${other} accepted your challenge.`, [
    { label: "Play", press: () => location.assign(gameAddress(id)), isPrimary: true },
  ]);
  playSound("joined");
}

listen({
  event(event) {
    if (event.type === "challenged") show(event.game, true);
    else if (event.type === "challenge_ended") end(event);
    else if (event.type === "lobby_snapshot") {
      const waiting = new Set(event.challenges.map((game) => game.id));
      [...bars.keys()].filter((id) => !waiting.has(id)).forEach(drop);
      event.challenges.forEach((game) => show(game, false));
    }
  },
});
