/** Adds the review to the page of a finished game: its graph, its words, "what if", learning from mistakes. */
import { isForThePage } from "../game/columns.js";
import { extend } from "../game/main.js";
import { moveSentence } from "../game/words.js";
import { BoardStudy } from "./board-study.js";
import { Graph } from "./graph.js";
import { markMoves } from "./marks.js";
import { ReviewPanel } from "./panel.js";
import { ScoreRow } from "./score-row.js";
import { courseOf, turningPoint } from "./scores.js";
import { ReviewSource } from "./source.js";
import { plySentences } from "./words.js";

const page = JSON.parse(document.getElementById("page-data").textContent);
const root = document.getElementById("content");

let state = null;
let ply = 0;
let course = [];
let isBegun = false;

const study = new BoardStudy(page.positionAddress, scoresCame);
const panel = new ReviewPanel(root.querySelector("[data-review]"), pressed);
const graph = new Graph((chosen) => site.visit(chosen));
const row = new ScoreRow();
const source = new ReviewSource(page.reviewAddress, answered);
panel.find("data-review-graph").append(graph.element);
root.querySelector("[data-board]").after(row.element);
row.element.hidden = true;

const site = extend({ changed, stepped, view, columns: (_, shownPly) => study.columns(state.game, shownPly), chosen });
changed(site.state, { type: "opened" });
// Before the columns and the replay: a line has its own arrow and its own Escape.
document.addEventListener("keydown", pressedKey, true);

function changed(newState, event) {
  state = newState;
  if (state.game.state !== "finished" || state.game.moves.length === 0) return;
  if (!isBegun) begin(event);
  if (event.type === "review_ready") source.look();
}

/** A game that ended before this page was opened may have no review; one that ends now is queued for one. */
function begin(event) {
  isBegun = true;
  const isOld = event.type === "opened" && !page.isReviewed;
  panel.drawWaiting(isOld ? "unasked" : "queued");
  if (event.type === "opened" && page.isReviewed) source.look();
  else if (!isOld) source.lookSoon();
}

function answered({ kind, body }) {
  panel.drawWaiting(kind === "done" ? null : kind);
  if (kind !== "done") return;
  study.open(state.game, body, state.you);
  course = courseOf(state.game, body);
  markMoves(root.querySelector("[data-moves]"), body);
  panel.drawSummary(names(), body.accuracy, turningPoint(body));
  row.element.hidden = false;
  site.redraw();
}

function names() {
  return [state.game.participant1, state.game.participant2];
}

function stepped(newPly) {
  study.leave();
  if (study.review && document.activeElement !== graph.element) {
    announce(graphWords(newPly));
  }
}

/** What the board shows; everything beside it is drawn with it. */
function view(played, _, shownPly, pointed) {
  ply = shownPly;
  if (!study.review) return null;
  drawGraph(study.plyToMark(state.game, ply));
  row.draw(study.plyToPlay(state.game, ply), study.scoresToShow(state.game, ply));
  panel.drawMode(study.mode, study.words(state.game, ply));
  study.drawButtons(panel, state.game);
  root.dataset.study = study.mode;
  return study.view(state.game, played, ply, pointed);
}

function drawGraph(marked) {
  graph.draw({
    course, ply: marked, names: names(), verdicts: study.review.plies.map(({ verdict }) => verdict),
    words: study.isAsking ? study.words(state.game, ply) : graphWords(marked),
  });
}

function graphWords(marked) {
  const move = marked ? moveSentence(state.game, marked, state.you) : "The start.";
  return `${move} ${plySentences(state.game, study.review, marked)}`;
}

function chosen(column) {
  const stepTo = study.choose(state.game, ply, column);
  if (stepTo !== null) return site.visit(stepTo);
  refresh();
  if (study.mode === "learning" && !study.isAsking) panel.button(study.nextPress).focus({ preventScroll: true });
}

function pressed(button) {
  if (button === "look") return lookAgain();
  if (button === "leave") return leave();
  study.press(button);
  if (study.isBackInGame) return leave();
  refresh();
  if (study.mode === "learning") panel.button(study.nextPress).focus({ preventScroll: true });
}

function lookAgain() {
  panel.drawWaiting("loading");
  source.look();
}

/** Back to the game: after a line to the ply where it left, after learning to the mistake. */
function leave() {
  const target = study.plyToReturnTo(ply);
  study.leave();
  site.visit(target);
}

/** Scores of a position that were asked for: in a line they are what one waits for. */
function scoresCame() {
  if (study.mode === "line") refresh();
  else site.redraw();
}

function refresh() {
  site.redraw();
  announce(panel.find("data-review-words").textContent);
}

function announce(sentence) {
  root.querySelector("[data-announcer]").textContent = sentence;
}

function pressedKey(event) {
  if (study.mode === "game" || !isForThePage(event)) return;
  const isBack = event.key === "Backspace" || (event.key === "ArrowLeft" && !event.target.closest?.(".columns, .graph"));
  if (event.key === "Escape") leave();
  else if (isBack && study.mode === "line") pressed("take-back");
  else return;
  event.preventDefault();
}
