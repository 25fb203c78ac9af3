/** Challenges for this person, as quiet bars on every page: who it is, for which game, accept or decline. */
import { playSound } from "../game/sounds.js";
import { paceWords } from "../site/time_control.js";
import { toast } from "../site/toast.js";
import { bar } from "./bar.js";
import { listen } from "./line.js";
import { post } from "./person.js";

const bars = new Map();

function firstMoveWords(game) {
  return game.firstMove === 2 ? "you move first" : "they move first";
}

async function answer(game, verb) {
  const found = await post(`/api/games/${game.id}/${verb}/`).catch(() => ({}));
  if (found.status === 200 && verb === "join") {
    location.assign(document.body.dataset.gameAddress.replace("000000", game.id));
  } else if (found.status !== 200) toast(found.message ?? "The server doesn't answer. Try again.");
  if (found.status) drop(game.id);
}

function show(game, isNew) {
  if (bars.has(game.id)) return;
  const shown = bar(`challenge-${game.id}`);
  bars.set(game.id, shown);
  shown.show(`${game.participant1} challenges you`, `${paceWords(game)} · ${firstMoveWords(game)}`, [
    { label: "Accept", press: () => answer(game, "join"), isPrimary: true },
    { label: "Decline", press: () => answer(game, "decline") },
  ]);
  if (isNew) playSound("joined");
}

function drop(gameId) {
  bars.get(gameId)?.hide();
  bars.delete(gameId);
}

listen({
  event(event) {
    if (event.type === "challenged") show(event.game, true);
    else if (event.type === "challenge_ended") drop(event.id);
    else if (event.type === "lobby_snapshot") {
      const waiting = new Set(event.challenges.map((game) => game.id));
      [...bars.keys()].filter((id) => !waiting.has(id)).forEach(drop);
      event.challenges.forEach((game) => show(game, false));
    }
  },
});
