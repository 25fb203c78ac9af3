/** The list of moves: number, disc, column and time of each. In a finished game each is a link to its position. */
import { moverOf } from "./state.js";
import { shownTime } from "../site/times.js";
import { nameOf } from "./words.js";

function span(className, text = "") {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}

export class MoveList {
  #list;
  #items = [];

  /** @param {Element} list an <ol> */
  constructor(list) {
    this.#list = list;
  }

  /**
   * @param {object} state
   * @param {number} shownPly the ply that the board shows
   */
  draw(state, shownPly) {
    const { game, playedAt } = state;
    while (this.#items.length > game.moves.length) this.#items.pop().remove();
    game.moves.forEach((column, index) => {
      this.#items[index] ??= this.#append(index + 1);
      this.#fill(this.#items[index].firstChild, game, index + 1, playedAt[index]);
    });
    this.#mark(shownPly);
  }

  #append(ply) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.className = "move";
    link.append(span("move-ply", String(ply)), span("disc-icon"), span("visually-hidden"), span("move-column"), document.createElement("time"));
    item.append(link);
    this.#list.append(item);
    return item;
  }

  #fill(link, game, ply, playedAt) {
    const mover = moverOf(game, ply);
    const [, icon, who, column, time] = link.children;
    if (game.state === "finished") link.href = `#${ply}`;
    icon.className = `disc-icon disc-${mover}`;
    who.textContent = ` ${nameOf(game, mover)}, column `;
    column.textContent = String(game.moves[ply - 1] + 1);
    if (!playedAt || time.dateTime === playedAt) return;
    time.dateTime = playedAt;
    time.textContent = shownTime(new Date(playedAt), "clock");
  }

  /** Marks the move that is shown and brings it into view, without scrolling the page. */
  #mark(shownPly) {
    this.#items.forEach((item, index) => {
      if (index + 1 === shownPly) item.firstChild.setAttribute("aria-current", "true");
      else item.firstChild.removeAttribute("aria-current");
    });
    const item = this.#items[shownPly - 1];
    if (!item) {
      this.#list.scrollTo(0, 0);
      return;
    }
    const [list, box] = [this.#list.getBoundingClientRect(), item.getBoundingClientRect()];
    if (box.bottom > list.bottom) this.#list.scrollTop += box.bottom - list.bottom;
    if (box.top < list.top) this.#list.scrollTop -= list.top - box.top;
    if (box.right > list.right) this.#list.scrollLeft += box.right - list.right;
    if (box.left < list.left) this.#list.scrollLeft -= list.left - box.left;
  }
}
