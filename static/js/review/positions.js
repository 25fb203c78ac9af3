/** Scores of positions that a review does not have: asked of the server once each. */
import { notationOf } from "./line.js";
import { ask } from "./source.js";

export class Positions {
  #address;
  #listener;
  #known = new Map();

  /**
   * @param {string} address of the scores of a game's positions
   * @param {function()} listener is called when an answer has come
   */
  constructor(address, listener) {
    this.#address = address;
    this.#listener = listener;
  }

  /**
   * What is known of the position after some columns; where nothing is, it is asked for.
   *
   * @returns {object} {kind, body}: "asking" until the answer is there, then as `meaningOf`
   */
  of(columns) {
    const notation = notationOf(columns);
    if (!this.#known.has(notation)) this.#ask(notation);
    return this.#known.get(notation);
  }

  /** What was refused is asked again when it is next needed. */
  forgetRefusals() {
    this.#known.forEach(({ kind }, notation) => {
      if (kind !== "done" && kind !== "asking") this.#known.delete(notation);
    });
  }

  async #ask(notation) {
    this.#known.set(notation, { kind: "asking" });
    this.#known.set(notation, await ask(`${this.#address}?moves=${notation}`));
    this.#listener();
  }
}
