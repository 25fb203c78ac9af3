/** The row of actions: what may be done beside moving, and what is asked. What is shown follows from the state alone. */
import { haveBothMoved, moverOf, otherSeat } from "./state.js";
import { nameOf } from "./words.js";

export class Actions {
  #root;
  #listener;
  #areTakebacksRefused;
  #state = null;
  #mayClaim = false;
  #isAsking = false;

  /**
   * @param {Element} root holds elements with data-action (buttons) and data-show (what is shown together)
   * @param {function(object)} listener is told the command, as the protocol writes it, or `refuse_takebacks`
   * @param {function(object): boolean} areTakebacksRefused whether a request that stands is not to be shown
   */
  constructor(root, listener, areTakebacksRefused) {
    this.#root = root;
    this.#listener = listener;
    this.#areTakebacksRefused = areTakebacksRefused;
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-action]");
      if (button && button.getAttribute("aria-disabled") !== "true") this.#press(button);
    });
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#isAsking) this.#ask(false);
    });
  }

  /**
   * @param {object} state
   * @param {boolean} mayClaim whether the other side has been away for long enough
   */
  draw(state, mayClaim) {
    if (state === this.#state && mayClaim === this.#mayClaim) return;
    this.#state = state;
    this.#mayClaim = mayClaim;
    this.#draw();
  }

  #draw() {
    if (this.#state.game.state !== "in-progress") this.#isAsking = false;
    const shown = new Set(this.#shown());
    const focused = this.#root.contains(document.activeElement) ? document.activeElement : null;
    this.#root.querySelectorAll("[data-show]").forEach((element) => {
      element.hidden = !element.dataset.show.split(" ").some((name) => shown.has(name));
    });
    this.#drawWords();
    this.#keepFocus(focused);
  }

  /** A button that goes away hands the focus on, so that the keyboard is not sent back to the page's start. */
  #keepFocus(focused) {
    if (!focused?.closest("[hidden]")) return;
    [...this.#root.querySelectorAll("button, a")].find((button) => !button.closest("[hidden]"))?.focus();
  }

  /** The template's data-show values that fit: what is asked of this person comes before all else. */
  #shown() {
    const { game, you, rematch, closed } = this.#state;
    if (rematch.game) return ["rematch-game"];
    if (you === null || closed || game.state === "waiting") return [];
    if (game.state === "in-progress") return this.#shownInPlay();
    if (!game.participant2) return [];
    if (rematch.offeredBy === null) return ["rematch"];
    return [rematch.offeredBy === you ? "rematch-offered" : "rematch-asked"];
  }

  #shownInPlay() {
    const { game, you } = this.#state;
    const { draw, takeback } = game.offers;
    if (this.#isAsking) return ["resign-asked"];
    if (this.#mayClaim) return ["claim", ...(game.timeControl ? ["claim-win"] : [])];
    if (draw === otherSeat(you)) return ["draw-asked"];
    if (takeback === otherSeat(you) && !this.#areTakebacksRefused(this.#state)) return ["takeback-asked"];
    const takebacks = takeback === you ? "takeback-offered" : "takeback";
    return ["playing", haveBothMoved(game) ? "resign" : "abort", draw === you ? "draw-offered" : "draw",
      ...(game.takebacks && !game.rated ? [takebacks] : [])];
  }

  #drawWords() {
    const { game, you, rematch } = this.#state;
    const link = this.#root.querySelector("[data-rematch-link]");
    if (rematch.game) link.href = link.dataset.rematchLink.replace("000000", rematch.game);
    link.textContent = you === null ? "Watch the rematch" : "Go to the rematch";
    if (you === null || !game.participant2) return;
    const other = nameOf(game, otherSeat(you));
    this.#root.querySelectorAll("[data-asked]").forEach((note) => { note.textContent = `${other} ${note.dataset.asked}`; });
    const own = game.moves.some((_, index) => index >= game.openingPlies && moverOf(game, index + 1) === you);
    this.#root.querySelector('[data-action="offer_takeback"]').setAttribute("aria-disabled", String(!own));
  }

  #press({ dataset: { action, result } }) {
    if (action === "ask-resign") this.#ask(true);
    else if (action === "keep-playing") this.#ask(false);
    else this.#listener({ type: action, id: action, ...(result ? { result } : {}) });
  }

  #ask(isAsking) {
    this.#isAsking = isAsking;
    this.#draw();
    this.#root.querySelector(isAsking ? '[data-action="keep-playing"]' : '[data-action="ask-resign"]').focus();
  }
}
