/** The two clocks in the players' bars. */
import { clockText, lowBelowMs, markPassed, remainingMs, spokenText, untilChange } from "./clock.js";
import { playSound } from "./sounds.js";
import { otherSeat } from "./state.js";
import { announce } from "./telling.js";
import { nameOf } from "./words.js";

const LOW_BELOW_BY_DAYS_MS = 3600000;
const RINGS_AGAIN_ABOVE = 1.5; // times the low time: increments around it must not ring at each move

export class Clocks {
  #root;
  #shown = { 1: null, 2: null };
  #highest = { 1: Infinity, 2: Infinity };
  #turn = "";
  #mayRing = true;

  /** @param {Element} root holds both bars, [data-bar] with data-seat, and in each a [data-clock] */
  constructor(root) {
    this.#root = root;
  }

  /**
   * @param {object} state
   * @param {number} serverMs the server's time
   * @param {number} ply the ply on the board
   * @returns {number} after how many milliseconds a clock looks different; Infinity where none runs
   */
  draw(state, serverMs, ply) {
    this.#keepTurn(state.game);
    return Math.min(...[...this.#root.querySelectorAll("[data-bar]")].map((bar) => this.#drawOne(bar, state, serverMs, ply)));
  }

  /** Within a turn a clock only goes down, however the estimate of the server's time wavers. */
  #keepTurn({ clock, version }) {
    const turn = clock === null ? "" : `${version} ${clock.running} ${clock.at} ${clock.remainingMs}`;
    if (turn !== this.#turn) this.#highest = { 1: Infinity, 2: Infinity };
    this.#turn = turn;
  }

  #drawOne(bar, state, serverMs, ply) {
    const { game } = state;
    const seat = Number(bar.dataset.seat);
    const element = bar.querySelector("[data-clock]");
    const ms = leftAt(state, seat, serverMs, ply, this.#highest[seat]);
    element.hidden = ms === null;
    if (ms === null) return Infinity;
    this.#highest[seat] = ms;
    const isRunning = game.state === "in-progress" && game.clock.running === seat;
    const isLow = game.state === "in-progress" && ms < lowMs(game);
    element.classList.toggle("running", isRunning);
    element.classList.toggle("low", isLow);
    element.classList.toggle("by-days", Boolean(game.timeControl.daysPerMove));
    const text = element.querySelector("[data-clock-text]");
    if (text.textContent !== clockText(ms)) text.textContent = clockText(ms);
    if (seat === state.you && game.state === "in-progress") this.#warn(game, this.#shown[seat], ms, isRunning);
    this.#shown[seat] = ms;
    return isRunning && ms > 0 ? untilChange(ms) : Infinity;
  }

  /** Tells its owner that a clock gets low: screen readers at 30 and 10 seconds, everyone by a sound. */
  #warn(game, before, ms, isRunning) {
    if (ms > RINGS_AGAIN_ABOVE * lowMs(game)) this.#mayRing = true;
    if (before === null || !isRunning || game.timeControl.daysPerMove) return;
    const mark = markPassed(before, ms);
    if (mark !== null) announce(`${mark / 1000} seconds left.`);
    if (this.#mayRing && ms > 0 && ms < lowMs(game) && before > ms) {
      this.#mayRing = false;
      playSound("low");
    }
  }

  /** Both times in words, for whoever asks. */
  spoken({ game, you }) {
    if (this.#shown[1] === null) return "This game has no clock.";
    const near = you ?? 1;
    const one = (seat) => `${seat === you ? "You" : nameOf(game, seat)}: ${spokenText(this.#shown[seat])}.`;
    return `${one(near)} ${one(otherSeat(near))}`;
  }
}

function lowMs({ timeControl }) {
  return timeControl.daysPerMove ? LOW_BELOW_BY_DAYS_MS : lowBelowMs(timeControl);
}

/** What a side had left at a ply; null where there is no clock. */
function leftAt(state, seat, serverMs, ply, highestMs) {
  const { game, times } = state;
  if (game.timeControl === null || game.clock === null) return null;
  if (game.state === "in-progress") return Math.min(highestMs, remainingMs(game.clock, seat, readAt(state, seat, serverMs)));
  if (ply === game.moves.length) return game.clock.remainingMs[seat - 1];
  if (ply <= game.openingPlies) return (game.timeControl.initial ?? game.timeControl.daysPerMove * 86400) * 1000;
  return times[ply - 1]?.remainingMs?.[seat - 1] ?? null;
}

/** One's own clock stands while one's move is on its way, over a connection that stands too. */
function readAt({ pending, you, fresh }, seat, serverMs) {
  return pending && fresh && seat === you ? Math.min(serverMs, pending.pressedAt) : serverMs;
}
