/** The tiles of "Play now": one press seeks, the tile says how long, another press stops. */
import { timeControlWords } from "../site/time_control.js";
import { toast } from "../site/toast.js";
import { listen } from "./line.js";
import { beSomebody, post } from "./person.js";
import { keyOf, press, seek, stop, waitedSeconds, watch } from "./seeking.js";

const OFFER_AFTER_S = 15;
const root = document.querySelector("[data-play-now]");
const tiles = [...root.querySelectorAll("[data-play]")];
const offer = root.querySelector("[data-offer]");
const announcer = document.querySelector("[data-announcer]");
const rated = root.querySelector("[data-rated]"); // for accounts alone
const RATED_KEY = "play-rated";
let told = null;

function controlOf(tile) {
  const [initial, increment] = tile.dataset.play.split("+").map(Number);
  return { initial, increment };
}

/** A duration as m:ss. */
export function clockWords(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function drawTile(tile) {
  const isSought = seek.wanted !== null && keyOf(seek.wanted) === tile.dataset.play;
  tile.setAttribute("aria-pressed", String(isSought));
  const note = tile.querySelector("[data-note]");
  if (isSought) note.textContent = `Looking… ${clockWords(waitedSeconds())}`;
  else note.textContent = tile.dataset.waiting > 0 ? `${tile.dataset.waiting} waiting` : tile.dataset.speed;
}

function draw() {
  tiles.forEach(drawTile);
  if (offer) offer.hidden = !seek.wanted || waitedSeconds() < OFFER_AFTER_S;
}

/** Says once to screen readers that it began or ended: not each second. */
function tell() {
  const now = seek.wanted && keyOf(seek.wanted);
  if (now === told) return;
  if (now) announcer.textContent = `Looking for an opponent: ${timeControlWords(seek.wanted)}. Press again to stop.`;
  else announcer.textContent = "Not looking any more.";
  told = now;
}

function takeCounts({ online, seeking, playing }) {
  const mine = seek.isConfirmed ? keyOf(seek.wanted) : null;
  tiles.forEach((tile) => {
    tile.dataset.waiting = (seeking[tile.dataset.play] ?? 0) - (tile.dataset.play === mine ? 1 : 0);
  });
  const place = document.querySelector("[data-counts]");
  const games = playing === 1 ? "1 game" : `${playing} games`;
  if (place) place.textContent = `${online} online · ${games} being played`;
  draw();
}

function wasRatedChosen() {
  try {
    return localStorage.getItem(RATED_KEY) === "true";
  } catch {
    return false;
  }
}

/** The choice is kept; whoever looks for a game already looks for the other kind from now on. */
function chooseRated() {
  try {
    localStorage.setItem(RATED_KEY, String(rated.checked));
  } catch {
    // Not kept, then: the browser stores nothing for this page.
  }
  const { wanted } = seek;
  if (!wanted) return;
  stop();
  press(wanted, rated.checked);
}

async function playComputer(button) {
  if (button.disabled) return;
  button.disabled = true;
  try {
    if (!(await beSomebody())) return;
    const game = await post("/api/games/", { computer: Number(button.dataset.computer) });
    if (game.status !== 201) throw new Error(game.message);
    location.assign(document.body.dataset.gameAddress.replace("000000", game.id));
  } catch (error) {
    toast(error.message || "The server doesn't answer. Try again.");
  } finally {
    button.disabled = false;
  }
}

tiles.forEach((tile) => tile.addEventListener("click", () => press(controlOf(tile), rated?.checked ?? false)));
rated?.addEventListener("change", chooseRated);
if (rated) rated.checked = wasRatedChosen();
root.querySelectorAll("[data-computer]").forEach((button) => button.addEventListener("click", () => playComputer(button)));
addEventListener("keydown", (event) => { if (event.key === "Escape") stop(); });
listen({ event: (event) => { if (event.type === "counts") takeCounts(event); } });
watch(() => { draw(); tell(); });
setInterval(() => { if (seek.wanted) draw(); }, 1000);
