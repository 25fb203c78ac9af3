/**
 * One WebSocket that stays connected: back-off with jitter, heartbeats, reconnecting at once when the browser comes
 * back. It carries JSON objects and knows nothing of what they mean, except `ping`, `pong` and the close codes.
 */

import { Patience, connectedWithin } from "./patience.js";

const PING_AFTER_PONG_MS = 2500;
const URGENT_PING_AFTER_PONG_MS = 1500;
const FIRST_PONG_DUE_MS = 5000; // a newcomer may have to wait its turn where thousands come at once
const PROBE_DUE_MS = 2000;
const BACK_OFF_MS = [300, 600, 1200, 2500, 5000, 10000];
const RATE_LIMITED_MS = 60000;
const RESTARTING_MS = 1000;

/** Close codes after which connecting again would change nothing. */
const FINAL_CODES = new Set([4400, 4401, 4403, 4404]);

/**
 * How long to wait before connecting again.
 *
 * @param {number} code the close code
 * @param {number} failures connections lost or refused in a row, from 1
 * @param {number} random from 0 to 1
 * @returns {number|null} milliseconds, or null where there is no use in connecting again
 */
export function delayBeforeReconnecting(code, failures, random = Math.random()) {
  if (FINAL_CODES.has(code)) return null;
  if (code === 4008 || code === 1008) return RATE_LIMITED_MS;
  if (code === 4012 || code === 1012) return RESTARTING_MS * random;
  const longest = BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length) - 1];
  return longest / 2 + (longest / 2) * random;
}

/** The WebSocket address of a path on this page's own host. */
export function socketAddress(path) {
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${path}`;
}

export class Socket {
  #address;
  #listener;
  #connection = null;
  #status = "";
  #failures = 0;
  #mayHurry = true;
  #patience = new Patience();
  #pingedAt = 0;
  #isCommandOpen = false;
  #timers = { retry: 0, ping: 0, pong: 0 };
  #pingAfterMs;

  /**
   * @param {string} path such as "/ws/lobby/"
   * @param {object} listener
   *   `event(object)`: a message has come;
   *   `status(status, code)`: "connecting", "open", "lost" (it will connect again) or "closed" (it will not), with the
   *   close code for the last two;
   *   `ping()`, optional: fields to send along with each ping;
   *   `isUrgent()`, optional: whether somebody waits for us, so that a break had better be noticed at once.
   * @param {object} options `pingAfterMs`: how long after an answer to ask again, where a break may go unnoticed longer.
   */
  constructor(path, listener, { pingAfterMs = PING_AFTER_PONG_MS } = {}) {
    this.#pingAfterMs = pingAfterMs;
    this.#address = socketAddress(path);
    this.#listener = listener;
    addEventListener("online", () => this.#hurry());
    addEventListener("offline", () => this.#probe());
    addEventListener("pageshow", () => this.#hurry());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#hurry();
    });
    this.#connect();
  }

  /** Sends an object. Returns whether there was a connection to put it on. */
  send(message) {
    if (this.#connection?.readyState !== WebSocket.OPEN) return false;
    this.#connection.send(JSON.stringify(message));
    if (message.type !== "ping") this.#isCommandOpen = true;
    return true;
  }

  /** Closes the connection for good. */
  close() {
    this.#forget();
    this.#setStatus("closed", 1000);
  }

  #connect() {
    this.#forget();
    this.#setStatus("connecting");
    const startedAt = performance.now();
    const connection = new WebSocket(this.#address);
    this.#connection = connection;
    this.#timers.pong = setTimeout(() => this.#lost(0), connectedWithin(this.#failures));
    connection.addEventListener("open", () => {
      this.#patience.connected(performance.now() - startedAt);
      this.#opened();
    });
    connection.addEventListener("message", (message) => this.#received(message, connection));
    connection.addEventListener("close", (close) => {
      if (connection === this.#connection) this.#lost(close.code);
    });
  }

  #opened() {
    this.#isCommandOpen = false;
    this.#setStatus("open");
    this.#ping(FIRST_PONG_DUE_MS);
  }

  #received(message, connection) {
    if (connection !== this.#connection) return;
    let event;
    try {
      event = JSON.parse(message.data);
    } catch (error) {
      return; // not ours: the contract knows JSON text frames only
    }
    if (event.type !== "error") this.#failures = 0;
    if (event.type === "pong") this.#pongCame();
    else if (event.type !== "presence") this.#isCommandOpen = false;
    this.#listener.event(event);
  }

  #ping(dueMs) {
    clearTimeout(this.#timers.ping);
    clearTimeout(this.#timers.pong);
    if (!this.send({ type: "ping", ...this.#listener.ping?.() })) return;
    // A newcomer's first answer says how busy the server is, not how fast the network.
    this.#pingedAt = dueMs === FIRST_PONG_DUE_MS ? 0 : performance.now();
    this.#timers.pong = setTimeout(() => this.#gaveUp(), dueMs);
  }

  #pongCame() {
    clearTimeout(this.#timers.pong);
    clearTimeout(this.#timers.ping);
    if (this.#pingedAt) this.#patience.answered(performance.now() - this.#pingedAt);
    const pause = this.#listener.isUrgent?.() ? URGENT_PING_AFTER_PONG_MS : this.#pingAfterMs;
    this.#timers.ping = setTimeout(() => this.#ping(this.#patience.dueMs(this.#isCommandOpen)), pause);
  }

  #gaveUp() {
    this.#patience.gaveUp();
    this.#lost(0);
  }

  /** Asks an open connection for a sign of life, sooner than usual. */
  #probe() {
    if (this.#status === "open") this.#ping(PROBE_DUE_MS);
  }

  /** The browser is back: no waiting. A connection that looks open may have died unnoticed. */
  #hurry() {
    if (this.#status === "open") this.#probe();
    else if (this.#status === "lost" && this.#mayHurry) this.#connect();
  }

  #lost(code) {
    this.#forget();
    this.#failures += 1;
    const delay = delayBeforeReconnecting(code, this.#failures);
    if (delay === null) {
      this.#setStatus("closed", code);
      return;
    }
    this.#mayHurry = delay < RATE_LIMITED_MS;
    this.#timers.retry = setTimeout(() => this.#connect(), delay);
    this.#setStatus("lost", code);
  }

  /** Drops the connection, whatever state it is in; its late events are ignored. */
  #forget() {
    Object.values(this.#timers).forEach(clearTimeout);
    const connection = this.#connection;
    this.#connection = null;
    if (connection && connection.readyState <= WebSocket.OPEN) connection.close();
  }

  #setStatus(status, code) {
    this.#status = status;
    this.#listener.status?.(status, code);
  }
}
