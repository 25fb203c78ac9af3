/**
 * The arithmetic of clocks. No document, no socket and no clock of its own: callers bring the time.
 *
 * "Local" times are milliseconds by a clock of the browser that never jumps (`performance.now()`); "server" times are
 * milliseconds since the epoch by the server's clock.
 */

const KEPT_ANSWERS = 8;
const DAY_MS = 86400000;
const HOUR_MS = 3600000;
const TENTHS_BELOW_MS = 10000;

/**
 * What the server's clock says now, learnt from its answers to pings: each tells that the server's clock was between
 * two values, and the narrowest of the last few counts (Cristian's algorithm). So it is wrong by half a round trip at most.
 */
export class ServerTime {
  #answers = [];

  /**
   * @param {number} serverMs what the server's clock said at first
   * @param {number} localMs when that was heard; how old it was then is not known
   */
  constructor(serverMs, localMs) {
    this.#answers.push({ lowest: serverMs - localMs, highest: Infinity });
  }

  /** The server said its time, at `localMs` or before. */
  heard(serverMs, localMs) {
    this.#take({ lowest: serverMs - localMs, highest: Infinity });
  }

  /** The server said its time between `sentMs` and `localMs`. */
  answered(serverMs, sentMs, localMs) {
    this.#take({ lowest: serverMs - localMs, highest: serverMs - sentMs });
  }

  /** The server's time at a local one. */
  at(localMs) {
    const best = this.#answers.reduce((one, other) => (width(other) < width(one) ? other : one));
    return localMs + (best.highest === Infinity ? this.#latest() : (best.lowest + best.highest) / 2);
  }

  #take(answer) {
    // A clock that was set, or a machine that slept: what was known before no longer holds.
    this.#answers = this.#answers.filter((known) => known.lowest <= answer.highest && answer.lowest <= known.highest);
    this.#answers.push(answer);
    const pings = this.#answers.filter((known) => known.highest < Infinity);
    if (pings.length) this.#answers = pings.slice(-KEPT_ANSWERS);
  }

  /** Where no ping was answered yet: the largest of the lowest, which was the quickest to come. */
  #latest() {
    return Math.max(...this.#answers.map((answer) => answer.lowest));
  }
}

function width({ lowest, highest }) {
  return highest - lowest;
}

/**
 * What a side has left, in milliseconds, never below 0.
 *
 * @param {object} clock as the protocol writes it
 * @param {number} seat
 * @param {number} serverMs the server's time now
 */
export function remainingMs(clock, seat, serverMs) {
  const left = clock.remainingMs[seat - 1];
  return clock.running === seat ? Math.max(0, left - Math.max(0, serverMs - Date.parse(clock.at))) : left;
}

/** What is left for the first move of the side to move; null where no such time runs. */
export function firstMoveMs(clock, serverMs) {
  return clock?.firstMoveBy ? Math.max(0, Date.parse(clock.firstMoveBy) - serverMs) : null;
}

/** How long until somebody may claim the game, 0 from then on; null where nobody may. */
export function claimMs(claim, serverMs) {
  return claim ? Math.max(0, Date.parse(claim.from) - serverMs) : null;
}

/**
 * When the side to move could begin to think, as a local time: when this page was told, or before, if the turn had begun
 * when the page came.
 *
 * @param {object|null} before {turn, ply, since} as this gave it last; null at first
 * @param {object} game as it stands now
 * @param {number} localMs
 * @param {number|null} begunMs the local time at which the turn began by the server, for a page that comes in between
 */
export function turnNow(before, game, localMs, begunMs) {
  const turn = { turn: game.turn, ply: game.moves.length + 1, since: localMs };
  if (before && before.turn === turn.turn && before.ply === turn.ply) return before;
  if (before === null && begunMs !== null) turn.since = Math.min(localMs, begunMs);
  return turn;
}

/**
 * Below how much a side's time is low: an eighth of what it began with, within reason.
 *
 * @param {object} control {initial, increment} in seconds
 * @returns {number} milliseconds
 */
export function lowBelowMs({ initial }) {
  return Math.min(initial / 3, Math.max(10, Math.min(60, initial / 8))) * 1000;
}

/**
 * Time left as a clock shows it: "2 days 4 h" (`days`), "13:05:22", "4:09", "0:09.4". Never more than there is.
 *
 * @param {number} ms
 */
export function clockText(ms) {
  if (ms >= DAY_MS) return daysText(ms);
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (ms >= HOUR_MS) return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
  const text = `${minutes}:${two(seconds % 60)}`;
  return ms < TENTHS_BELOW_MS ? `${text}.${Math.floor(ms / 100) % 10}` : text;
}

function daysText(ms) {
  const [days, hours] = [Math.floor(ms / DAY_MS), Math.floor((ms % DAY_MS) / HOUR_MS)];
  return `${days} ${days > 1 ? "days" : "day"}${hours ? ` ${hours} h` : ""}`;
}

function two(number) {
  return String(number).padStart(2, "0");
}

/** Time left in whole seconds, rounded up, as a sentence has it: "0:27". */
export function countdownText(ms) {
  const seconds = Math.ceil(ms / 1000);
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

/** After how many milliseconds `clockText`, or `countdownText`, of a time that runs down is another. */
export function untilChange(ms) {
  if (ms >= DAY_MS) return (ms % HOUR_MS) + 1;
  const step = ms <= TENTHS_BELOW_MS ? 100 : 1000;
  return (ms % step) + 1;
}

/** How long a move took, for a list: "0.8 s", "12 s", "3:05", "2:10:00", "1 day 3 h". */
export function tookText(ms) {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  if (ms >= DAY_MS) return daysText(ms);
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : clockText(seconds * 1000);
}

/** Time left as it is read out: "1 minute 5 seconds", "2 days 4 hours". */
export function spokenText(ms) {
  const seconds = Math.floor(ms / 1000);
  const parts = [[Math.floor(seconds / 86400), "day"], [Math.floor(seconds / 3600) % 24, "hour"],
    [Math.floor(seconds / 60) % 60, "minute"], [seconds % 60, "second"]];
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return "no time";
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`).join(" ");
}

const SPOKEN_AT_MS = [30000, 10000];

/** The mark, of 30 and 10 seconds, that a running clock has just passed; null for none. */
export function markPassed(beforeMs, nowMs) {
  return SPOKEN_AT_MS.find((mark) => beforeMs > mark && nowMs <= mark) ?? null;
}
