/**
 * The list of moves: number, disc and column of each; how long it took, without clocks when it was made. In a finished game
 * each is a link to its position.
 */
import { tookText } from "./clock.js";
import { moverOf } from "./state.js";
import { shownTime } from "../site/times.js";
import { nameOf } from "./words.js";

function span(className, text = "") {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}

/** What a move cost; those of an opening, and the first of each side, are free. */
function costText({ openingPlies, timeControl }, ply, moveMs) {
  const isFree = ply <= openingPlies + 2 && !timeControl.daysPerMove;
  return moveMs === null || (isFree && moveMs === 0) ? "–" : tookText(moveMs);
}

export class MoveList {
  #list;
  #items = [];
  #shown = "";

  /** @param {Element} list an <ol> */
  constructor(list) {
    this.#list = list;
  }

  /**
   * @param {object} state
   * @param {number} shownPly the ply that the board shows
   */
  draw(state, shownPly) {
    const { game, times } = state;
    while (this.#items.length > game.moves.length) this.#items.pop().remove();
    game.moves.forEach((column, index) => {
      this.#items[index] ??= this.#append(index + 1);
      this.#fill(this.#items[index].firstChild, game, index + 1, times[index]);
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

  #fill(link, game, ply, times) {
    const mover = moverOf(game, ply);
    const [, icon, who, column, time] = link.children;
    if (game.state === "finished") link.href = `#${ply}`;
    icon.className = `disc-icon disc-${mover}`;
    who.textContent = ` ${ply <= game.openingPlies ? "the opening" : nameOf(game, mover)}, column `;
    column.textContent = String(game.moves[ply - 1] + 1);
    if (!times || time.dateTime === times.playedAt) return;
    time.dateTime = times.playedAt;
    const playedAt = new Date(times.playedAt);
    time.textContent = game.timeControl ? costText(game, ply, times.moveMs) : shownTime(playedAt, "clock");
    if (game.timeControl) time.title = shownTime(playedAt, "full");
  }

  /** Marks the move that is shown, and brings it into view where another is shown now or the list has another size. */
  #mark(shownPly) {
    this.#items.forEach((item, index) => {
      if (index + 1 === shownPly) item.firstChild.setAttribute("aria-current", "true");
      else item.firstChild.removeAttribute("aria-current");
    });
    // At any other drawing the list stays where somebody has scrolled it: a press must not miss what it was aimed at.
    const shown = [shownPly, this.#items.length, this.#list.clientWidth, this.#list.clientHeight].join();
    if (shown !== this.#shown) this.#bringIntoView(shownPly);
    this.#shown = shown;
  }

  /** Without scrolling the page. */
  #bringIntoView(shownPly) {
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
