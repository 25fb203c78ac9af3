/** The one game that the lobby shows large, live; another takes its place when it is over. */
import { smallBoard, updateSmallBoard } from "../game/board.js";
import { ratingText } from "../site/rating.js";
import { paceWords } from "../site/time_control.js";
import { listen } from "./line.js";
import { myName } from "./person.js";

const section = document.querySelector("[data-featured]");

function setText(selector, text) {
  section.querySelector(selector).textContent = text;
}

function resultWords({ state, outcome, participant1, participant2 }) {
  if (state !== "finished") return "";
  return outcome.winner ? `${outcome.winner === 1 ? participant1 : participant2} won.` : "No winner.";
}

/** One's own game is among one's games, and not shown again. */
function isMine(game) {
  return Boolean(myName()) && [game.participant1, game.participant2].includes(myName());
}

function drawBoard(game) {
  const drawing = section.querySelector("[data-board] svg");
  if (drawing) updateSmallBoard(drawing, game);
  else section.querySelector("[data-board]").append(smallBoard(game));
}

function draw(game) {
  section.hidden = !game || isMine(game);
  if (section.hidden) return;
  section.dataset.game = game.id;
  drawBoard(game);
  setText("[data-participant1]", game.participant1);
  setText("[data-participant2]", game.participant2);
  game.players.forEach((player, index) => setText(`[data-rating${index + 1}]`, ratingText(player)));
  setText("[data-pace]", paceWords(game));
  section.querySelector("[data-rated]").hidden = !game.rated;
  setText("[data-result]", resultWords(game));
  const address = document.body.dataset.gameAddress.replace("000000", game.id);
  section.querySelectorAll("[data-to-game]").forEach((link) => { link.href = address; });
}

listen({
  event(event) {
    if (event.type === "lobby_snapshot") draw(event.featured);
    else if (event.type === "featured") draw(event.game);
    else if (event.type === "game_updated" && event.game.id === section.dataset.game) draw(event.game);
  },
});
