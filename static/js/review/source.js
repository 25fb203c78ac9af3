/** Fetches a game's review, and waits for it while it is being made. */
import { lookAgainAfter, meaningOf } from "./answers.js";

/** Asks the server; gives what its answer means. */
export async function ask(address, options = {}) {
  const response = await fetch(address, { headers: { Accept: "application/json" }, ...options }).catch(() => null);
  const body = await response?.json().catch(() => null);
  return meaningOf(response?.status ?? 0, body ?? null, response?.headers.get("Retry-After"));
}

export class ReviewSource {
  #address;
  #listener;
  #timer = 0;
  #looks = 0;
  #isAsking = false;
  #isDone = false;

  /**
   * @param {string} address of the review
   * @param {function(object)} listener is told what each answer means
   */
  constructor(address, listener) {
    this.#address = address;
    this.#listener = listener;
  }

  /** Looks in a moment, unless the review is said to be ready before. */
  lookSoon() {
    this.#timer = setTimeout(() => this.look(), lookAgainAfter(this.#looks));
  }

  /** Looks now: for the first time, because the review is said to be ready, or because somebody asks again. */
  async look() {
    if (this.#isAsking || this.#isDone) return;
    clearTimeout(this.#timer);
    this.#isAsking = true;
    const meaning = await ask(this.#address);
    this.#isAsking = false;
    this.#isDone = meaning.kind === "done";
    this.#lookAgain(meaning);
    this.#listener(meaning);
  }

  #lookAgain({ kind, retryMs }) {
    if (kind === "queued") this.#timer = setTimeout(() => this.look(), lookAgainAfter(this.#looks++));
    if (kind === "limited") this.#timer = setTimeout(() => this.look(), retryMs);
  }
}
