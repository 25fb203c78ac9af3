/** The row of actions: resign (asked once more), draw and rematch. What is shown follows from the state alone. */
import { otherSeat } from "./state.js";
import { nameOf } from "./words.js";

export class Actions {
  #root;
  #listener;
  #state = null;
  #isAsking = false;

  /**
   * @param {Element} root holds elements with data-action (buttons) and data-show (the groups that they are shown in)
   * @param {function(string)} listener is told the command: "resign", "offer_draw", "decline_draw", "offer_rematch" or "decline_rematch"
   */
  constructor(root, listener) {
    this.#root = root;
    this.#listener = listener;
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-action]");
      if (button) this.#press(button.dataset.action);
    });
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#isAsking) this.#ask(false);
    });
  }

  draw(state) {
    this.#state = state;
    if (state.game.state !== "in-progress") this.#isAsking = false;
    const shown = this.#shown();
    const focused = this.#root.contains(document.activeElement) ? document.activeElement : null;
    this.#root.querySelectorAll("[data-show]").forEach((element) => {
      element.hidden = !element.dataset.show.split(" ").includes(shown);
    });
    this.#drawRematch();
    this.#keepFocus(focused);
  }

  /** A button that goes away hands the focus on, so that the keyboard is not sent back to the page's start. */
  #keepFocus(focused) {
    if (focused?.closest("[hidden]")) this.#root.querySelector("[data-show]:not([hidden]) :is(button, a)")?.focus();
  }

  /** Which group of actions fits: one of the template's data-show values, or "" for none. */
  #shown() {
    const { game, you, rematch, closed } = this.#state;
    if (rematch.game) return "rematch-game";
    if (you === null || closed || game.state === "waiting") return "";
    if (game.state === "in-progress") return this.#isAsking ? "resign-asked" : this.#shownOfDraw();
    if (!game.participant2) return "";
    if (rematch.offeredBy === null) return "rematch";
    return rematch.offeredBy === you ? "rematch-offered" : "rematch-asked";
  }

  #shownOfDraw() {
    const { game, you } = this.#state;
    if (game.offers.draw === null) return "resign";
    return game.offers.draw === you ? "draw-offered" : "draw-asked";
  }

  #drawRematch() {
    const { game, you, rematch } = this.#state;
    const link = this.#root.querySelector("[data-rematch-link]");
    if (rematch.game) link.href = link.dataset.rematchLink.replace("000000", rematch.game);
    link.textContent = you === null ? "Watch the rematch" : "Go to the rematch";
    const asked = this.#root.querySelector("[data-rematch-asked]");
    if (you === null || !game.participant2) return;
    asked.textContent = `${nameOf(game, otherSeat(you))} offers a rematch`;
    this.#root.querySelector("[data-draw-asked]").textContent = `${nameOf(game, otherSeat(you))} offers a draw`;
  }

  #press(action) {
    if (action === "ask-resign") this.#ask(true);
    else if (action === "keep-playing") this.#ask(false);
    else this.#listener(action);
  }

  #ask(isAsking) {
    this.#isAsking = isAsking;
    this.draw(this.#state);
    this.#root.querySelector(isAsking ? '[data-action="keep-playing"]' : '[data-action="ask-resign"]').focus();
  }
}
