/** Somebody who wants no takebacks in a game: this page declines each further request for them, in this tab. */
import { otherSeat } from "./state.js";

export class Takebacks {
  #key;
  #send;
  #areRefused = false;
  #declined = null;

  /**
   * @param {string} gameId
   * @param {function(object)} send sends a command, as the protocol writes it
   */
  constructor(gameId, send) {
    this.#key = `no-takebacks ${gameId}`;
    this.#send = send;
    try {
      this.#areRefused = sessionStorage.getItem(this.#key) !== null;
    } catch (error) {
      // Storage is switched off: the wish holds until the page is left.
    }
  }

  /** Told every command that the person gives: asking for a takeback is wanting them again. */
  pressed({ type }) {
    if (type === "offer_takeback") this.#remember(false);
  }

  /** Decline what is asked now and everything after it. */
  refuse(state) {
    this.#remember(true);
    this.changed(state);
  }

  /** Whether a request of the other side is declined without being shown. */
  areRefusedIn({ game, you }) {
    return this.#areRefused && you !== null && game.offers.takeback === otherSeat(you);
  }

  /** Told every state: declines a request once; the server's answer takes it away. */
  changed(state) {
    if (!this.areRefusedIn(state) || !state.fresh || this.#declined === state.game.version) return;
    this.#declined = state.game.version;
    this.#send({ type: "decline_takeback", id: "decline_takeback" });
  }

  #remember(areRefused) {
    this.#areRefused = areRefused;
    try {
      if (areRefused) sessionStorage.setItem(this.#key, "");
      else sessionStorage.removeItem(this.#key);
    } catch (error) {
      // As above.
    }
  }
}
