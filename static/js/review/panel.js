/** What is said of a reviewed game beside its board: the state of the review, sentences, accuracy, buttons. */
import { waitingSentence } from "./answers.js";
import { accuracyInWords } from "./words.js";

export class ReviewPanel {
  #root;

  /**
   * @param {Element} root holds elements with data-review-press (buttons) and data-review-show (the groups of them)
   * @param {function(string)} listener is told which button was pressed
   */
  constructor(root, listener) {
    this.#root = root;
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-review-press]");
      if (button && button.getAttribute("aria-disabled") !== "true") listener(button.dataset.reviewPress);
    });
  }

  /** The element of the template with this attribute. */
  find(name) {
    return this.#root.querySelector(`[${name}]`);
  }

  /** The one that presses so; in the group of buttons that is shown, where several do. */
  button(press) {
    const all = [...this.#root.querySelectorAll(`[data-review-press="${press}"]`)];
    return all.find((button) => !button.closest("[data-review-show][hidden]")) ?? all[0];
  }

  /** While there is no review: why, and what can be done. Null once there is one. */
  drawWaiting(kind) {
    this.#root.hidden = false;
    this.find("data-review-state").hidden = kind === null;
    this.find("data-review-done").hidden = kind !== null;
    this.find("data-review-sentence").textContent = waitingSentence(kind);
    const button = this.button("look");
    button.hidden = !["unasked", "playing", "unavailable", "failed"].includes(kind);
    button.textContent = kind === "unasked" ? "Review this game" : "Try again";
  }

  /** Both sides' accuracy, and the ply at which the game turned. */
  drawSummary(names, accuracy, turningPoint) {
    names.forEach((name, index) => {
      this.find(`data-accuracy="${index + 1}"`).textContent = `${name} ${accuracyInWords(accuracy[index])}`;
    });
    const link = this.find("data-turning-point");
    link.hidden = turningPoint === null;
    link.href = `#${turningPoint ?? 0}`;
    link.textContent = `Turning point: move ${turningPoint}`;
  }

  /** The words, and the group of buttons that fits: "game", "line" or "learning". The focus stays in the review. */
  drawMode(mode, words) {
    const focused = this.#root.contains(document.activeElement) ? document.activeElement : null;
    this.find("data-review-words").textContent = words;
    this.#root.querySelectorAll("[data-review-show]").forEach((group) => { group.hidden = group.dataset.reviewShow !== mode; });
    if (focused?.closest("[hidden]")) this.#root.querySelector(`[data-review-show="${mode}"] :is(button, a):not([hidden])`)?.focus();
  }
}
