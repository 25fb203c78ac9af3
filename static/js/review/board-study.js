/** What is studied on the board of a reviewed game, and what follows from it: scores, rings, words, buttons. */
import { discsOf, moverOf } from "../game/state.js";
import { nameOf } from "../game/words.js";
import { noScoresSentence } from "./answers.js";
import * as learning from "./learning.js";
import * as line from "./line.js";
import { Positions } from "./positions.js";
import { bestColumns, keepingColumns } from "./scores.js";
import { columnsShown, scoresShown, THE_GAME } from "./study.js";
import { columnInWords, learningSentence, plySentences, positionSentences } from "./words.js";

const MIDDLE = 3;
const ON_THE_BOARD = new Set(["four_in_a_row", "board_full"]);

export class BoardStudy {
  #positions;
  #study = THE_GAME;
  #mistakes = [];
  review = null;

  /**
   * @param {string} address of the scores of a game's positions
   * @param {function()} redraw is called when scores have come
   */
  constructor(address, redraw) {
    this.#positions = new Positions(address, redraw);
  }

  /** The review of a game has come, for whoever holds seat `you` (null: a spectator). */
  open(game, review, you) {
    this.review = review;
    this.#mistakes = you === null ? [] : learning.mistakesOf(game, review, you);
  }

  /** "game", "line" or "learning". */
  get mode() {
    if (this.#study.line) return "line";
    return this.#study.learning ? "learning" : "game";
  }

  /** Whether a mistake is on the board whose answer is not to be seen yet. */
  get isAsking() {
    return this.mode === "learning" && !learning.isSettled(this.#study.learning);
  }

  /** While learning: the button that leads on. */
  get nextPress() {
    if (this.isAsking) return "show";
    return learning.plyOf(this.#study.learning) === null ? "leave" : "next";
  }

  // --- what is done -------------------------------------------------------------------------------------------

  /**
   * A column was chosen.
   *
   * @returns {number|null} the ply to go to, where the choice is the game's own next move
   */
  choose(game, ply, column) {
    if (this.isAsking) this.#study = { line: null, learning: learning.afterTry(this.#study.learning, this.review, column) };
    if (this.mode === "learning") return null;
    const next = line.played(game, this.#study.line ?? line.lineFrom(ply), column);
    if (!line.hasLeft(next)) return next.from;
    this.#study = { line: next, learning: null };
    return null;
  }

  /** One of the panel's buttons: learn, show, next, take-back or ask-again. */
  press(button) {
    const { line: left, learning: learnt } = this.#study;
    if (button === "learn") this.#study = { line: null, learning: learning.startLearning(this.#mistakes) };
    if (button === "show") this.#study = { line: null, learning: learning.afterShow(learnt) };
    if (button === "next") this.#study = { line: null, learning: learning.afterNext(learnt) };
    if (button === "take-back") this.#study = { line: line.takenBack(left), learning: null };
    if (button === "ask-again") this.#positions.forgetRefusals();
  }

  /** Whether a line has no move of its own left: it is the game again. */
  get isBackInGame() {
    return this.#study.line !== null && !line.hasLeft(this.#study.line);
  }

  leave() {
    this.#study = THE_GAME;
  }

  /** The ply of the game to which leaving leads: where a line left, or before a mistake. */
  plyToReturnTo(ply) {
    const { line: left, learning: learnt } = this.#study;
    if (left) return left.from;
    return learnt && learning.plyOf(learnt) !== null ? learning.plyOf(learnt) : ply;
  }

  // --- what is known of the position on the board ---------------------------------------------------------------

  /** {kind, body}: as `Positions.of`; "over" where nothing is left to play. The body has `scores`, null then, and `line`. */
  #known(game, ply) {
    const scores = scoresShown(game, this.review, ply, this.#study);
    if (scores) return { kind: "done", body: { scores, line: null } };
    const isEnd = this.mode !== "line" && ply === game.moves.length && ON_THE_BOARD.has(game.outcome.reason);
    if (isEnd) return { kind: "over", body: { scores: null, line: game.outcome.line } };
    return this.#positions.of(columnsShown(game, ply, this.#study));
  }

  #scores(game, ply) {
    return this.#known(game, ply).body?.scores ?? null;
  }

  /** The ply of the game to which graph and list point: the one before a mistake while that is on the board. */
  plyToMark(game, ply) {
    return this.mode === "learning" ? columnsShown(game, ply, this.#study).length : ply;
  }

  /** The number of the ply that is to be played on the board. */
  plyToPlay(game, ply) {
    return columnsShown(game, ply, this.#study).length + 1;
  }

  /** The scores that may be seen: none while a mistake is being asked for. */
  scoresToShow(game, ply) {
    return this.isAsking ? null : this.#scores(game, ply);
  }

  // --- what is drawn ------------------------------------------------------------------------------------------

  /** As `Columns.show` takes it. */
  columns(game, ply) {
    if (!this.review) return null;
    const scores = this.#scores(game, ply);
    const shown = this.scoresToShow(game, ply);
    const next = this.plyToPlay(game, ply);
    return {
      shown: scores !== null || this.mode === "line",
      isActive: scores !== null && (this.mode !== "learning" || this.isAsking),
      legal: (scores ?? []).flatMap((score, column) => (score === null ? [] : [column])),
      notes: shown ? shown.map((score) => columnInWords(next, score)) : [],
      hasArrows: false,
    };
  }

  /** What the board shows in place of `played`. */
  view(game, played, ply, pointed) {
    const columns = columnsShown(game, ply, this.#study);
    const isGame = columns.length === ply && this.mode === "game";
    const discs = isGame ? played.discs : discsOf({ ...game, moves: columns });
    const { scores, line: won } = this.#known(game, ply).body ?? {};
    const cell = (column) => ({ column, row: columns.filter((other) => other === column).length });
    const participant = moverOf(game, columns.length + 1);
    const isOpen = this.columns(game, ply).isActive && scores[pointed] !== null && scores[pointed] !== undefined;
    return {
      ...played, discs, ply: this.plyToMark(game, ply),
      last: discs.at(-1) ?? null,
      line: isGame ? played.line : (won ?? null),
      hover: isOpen || this.isAsking ? { participant, column: isOpen ? pointed : MIDDLE, resting: false } : null,
      landing: isOpen ? { ...cell(pointed), participant } : null,
      best: this.#ringed(game, ply).map(cell),
    };
  }

  /** The best columns; all that keep the result once a mistake has been settled. */
  #ringed(game, ply) {
    const scores = this.scoresToShow(game, ply);
    return this.mode === "learning" ? keepingColumns(scores) : bestColumns(scores);
  }

  words(game, ply) {
    if (this.mode === "learning") return this.#learningWords(game);
    const { kind, body } = this.#known(game, ply);
    if (this.mode === "game") {
      const said = plySentences(game, this.review, ply);
      const hasNext = this.review.plies[ply]?.scores;
      return kind === "done" && !hasNext ? `${said} ${positionSentences(game, ply + 1, body.scores)}` : said;
    }
    if (kind === "asking") return "Looking up the scores…";
    if (kind !== "done") return noScoresSentence(kind);
    if (body.scores) return positionSentences(game, this.plyToPlay(game, ply), body.scores);
    return body.line ? `${nameOf(game, moverOf(game, this.plyToPlay(game, ply) - 1))} has four in a row.` : "The board is full: a draw.";
  }

  #learningWords(game) {
    const learnt = this.#study.learning;
    const at = learning.plyOf(learnt);
    return at === null ? "That was the last one." : learningSentence(game, this.review.plies[at - 1], learnt);
  }

  /** Which of the panel's buttons there are, and what they say. */
  drawButtons(panel, game) {
    const { line: left, learning: learnt } = this.#study;
    const learn = panel.button("learn");
    learn.hidden = this.#mistakes.length === 0;
    learn.textContent = `Learn from your mistakes (${this.#mistakes.length})`;
    if (left) panel.find("data-line").textContent = line.notationOf(left.moves);
    if (learnt) this.#drawLearning(panel, learnt);
    const asked = left && this.#known(game, left.from).kind;
    panel.button("ask-again").hidden = !asked || ["done", "asking"].includes(asked);
  }

  #drawLearning(panel, learnt) {
    const isDone = learning.plyOf(learnt) === null;
    panel.find("data-mistake").textContent = isDone ? "All done" : `Mistake ${learnt.at + 1} of ${learnt.plies.length}`;
    panel.button("show").hidden = isDone || learning.isSettled(learnt);
    panel.button("next").hidden = isDone || !learning.isSettled(learnt);
  }
}
