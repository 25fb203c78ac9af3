/** Stepping through a finished game: buttons, arrow keys, playing at three speeds, and `#12` in the address. */
import { isForThePage } from "./columns.js";

const KEYS = { ArrowLeft: "back", ArrowRight: "forward", ArrowUp: "first", ArrowDown: "last", Home: "first", End: "last" };

export class Replay {
  #root;
  #listener;
  #plies = 0;
  #ply = null;
  #timer = 0;

  /**
   * @param {Element} root holds buttons with data-replay="first|back|play|forward|last" and a <select> of milliseconds
   * @param {function(number)} listener is told the ply to show
   */
  constructor(root, listener) {
    this.#root = root;
    this.#listener = listener;
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-replay]");
      if (button) this.#step(button.dataset.replay);
    });
    this.#speed.addEventListener("change", () => {
      if (this.#timer) this.#startPlaying();
    });
    document.addEventListener("keydown", (event) => this.#key(event));
    addEventListener("hashchange", () => this.#followAddress());
  }

  get #speed() {
    return this.#root.querySelector("select");
  }

  /** The ply that is shown: the last one unless somebody went elsewhere. */
  get ply() {
    return this.#ply ?? this.#plies;
  }

  /** A game is finished and has so many plies: stepping begins, at the ply in the address if it names one. */
  open(plies) {
    if (!this.#root.hidden && this.#plies === plies) return;
    this.#plies = plies;
    this.#root.hidden = plies === 0;
    this.#ply = this.#plyInAddress();
    this.#drawButtons();
  }

  #plyInAddress() {
    const match = /^#(\d{1,2})$/.exec(location.hash);
    return match && Number(match[1]) <= this.#plies ? Number(match[1]) : null;
  }

  #followAddress() {
    const ply = this.#plyInAddress();
    if (this.#root.hidden || ply === null) return;
    this.#stopPlaying();
    this.#show(ply);
  }

  #key(event) {
    if (this.#root.hidden || !(event.key in KEYS) || !isForThePage(event)) return;
    event.preventDefault();
    this.#step(KEYS[event.key]);
  }

  #step(way) {
    if (way === "play") {
      if (this.#timer) this.#stopPlaying();
      else this.#startPlaying();
      return;
    }
    const target = { first: 0, back: this.ply - 1, forward: this.ply + 1, last: this.#plies }[way];
    this.visit(Math.max(0, Math.min(this.#plies, target)));
  }

  /** Goes to a ply, from 0 to the last; playing stops. */
  visit(ply) {
    this.#stopPlaying();
    this.#goTo(ply);
  }

  #goTo(ply) {
    const address = ply === this.#plies ? location.pathname + location.search : `#${ply}`;
    history.replaceState(null, "", address);
    this.#show(ply);
  }

  #show(ply) {
    this.#ply = ply;
    this.#drawButtons();
    this.#listener(ply);
  }

  #startPlaying() {
    clearInterval(this.#timer);
    if (this.ply === this.#plies) this.#goTo(0);
    this.#timer = setInterval(() => this.#playOne(), Number(this.#speed.value));
    this.#drawButtons();
  }

  #playOne() {
    if (this.ply + 1 >= this.#plies) this.#stopPlaying();
    this.#goTo(Math.min(this.ply + 1, this.#plies));
  }

  #stopPlaying() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#drawButtons();
  }

  #drawButtons() {
    const disable = (way, isDisabled) => {
      this.#root.querySelector(`[data-replay="${way}"]`).setAttribute("aria-disabled", String(isDisabled));
    };
    ["first", "back"].forEach((way) => disable(way, this.ply === 0));
    ["forward", "last"].forEach((way) => disable(way, this.ply === this.#plies));
    const play = this.#root.querySelector('[data-replay="play"]');
    play.setAttribute("aria-label", this.#timer ? "Pause" : "Play");
    play.querySelector("[data-icon-play]").toggleAttribute("hidden", Boolean(this.#timer));
    play.querySelector("[data-icon-pause]").toggleAttribute("hidden", !this.#timer);
  }
}
