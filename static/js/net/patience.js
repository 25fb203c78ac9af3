/** How long to wait for a server before it is taken for gone. */

const SHORTEST_MS = 1500;
const LONGEST_MS = 5000;
const COMMAND_MS = 2500; // longer than the 2 s for which a server may look for what became of a commit
const CONNECTED_WITHIN_MS = [2500, 5000, 10000];
const ROUND_TRIPS_TO_CONNECT = 3; // TCP, TLS, WebSocket

/**
 * How long one attempt to connect may take: a server that hangs is given up soon, a slow network gets its time later.
 *
 * @param {number} failures connections lost or refused in a row
 * @returns {number} milliseconds
 */
export function connectedWithin(failures) {
  return CONNECTED_WITHIN_MS[Math.min(failures, CONNECTED_WITHIN_MS.length - 1)];
}

/** The time-out of a ping, from how long answers took so far, as TCP reckons its own (RFC 6298). */
export class Patience {
  #mean = null;
  #deviation = 0;
  #factor = 1;

  /** A connection took so many milliseconds to open: all that is known of a network at first. */
  connected(ms) {
    if (this.#mean === null) this.#learn(ms / ROUND_TRIPS_TO_CONNECT);
  }

  /** An answer took so many milliseconds. */
  answered(ms) {
    this.#factor = 1;
    this.#learn(ms);
  }

  /** No answer came: perhaps it was only late, so the next one gets twice as long. */
  gaveUp() {
    this.#factor = Math.min(this.#factor * 2, LONGEST_MS / SHORTEST_MS);
  }

  /**
   * How long the answer to a ping may take.
   *
   * @param {boolean} isAfterCommand whether a command is before it in the queue, whose answer may take its time
   * @returns {number} milliseconds
   */
  dueMs(isAfterCommand) {
    const usual = Math.max((this.#mean ?? 0) + 4 * this.#deviation, SHORTEST_MS);
    const due = Math.min(usual * this.#factor, LONGEST_MS);
    return isAfterCommand ? Math.max(due, COMMAND_MS) : due;
  }

  #learn(ms) {
    if (this.#mean === null) {
      this.#mean = ms;
      this.#deviation = ms / 2;
      return;
    }
    this.#deviation += (Math.abs(ms - this.#mean) - this.#deviation) / 4;
    this.#mean += (ms - this.#mean) / 8;
  }
}
