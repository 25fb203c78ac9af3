/** The page of a puzzle: the position, one answer, and what came of it. */
import { Board } from "../game/board.js";
import { Columns } from "../game/columns.js";
import { discsOf, moverOf } from "../game/state.js";
import { BoardTable } from "../game/table.js";
import { ScoreRow } from "../review/score-row.js";
import { columnInWords } from "../review/words.js";
import { answerSentence, refusedSentence, sideName, taskSentence } from "./words.js";

const page = JSON.parse(document.getElementById("page-data").textContent);
const root = document.querySelector("[data-puzzle-root]");
const form = root.querySelector("[data-answer]");
const game = { participant1: sideName(1), participant2: sideName(2), firstMove: page.firstMove, moves: page.moves };
const ply = page.moves.length + 1;
const mover = moverOf(game, ply);

let answered = page.answered;
let pointed = null;
let sent = null;

const board = new Board();
const table = new BoardTable();
const row = new ScoreRow();
const columns = new Columns({ chosen: answer, pointed: (column) => { pointed = column; draw(); } });
root.querySelector("[data-board]").append(board.element, columns.element);
root.querySelector("[data-board]").after(row.element);
root.querySelector("[data-board-table]").append(table.element);
root.querySelector("[data-task]").textContent = taskSentence(mover, page.isWon);
if (answered) say(answerSentence(ply, answered));
draw();

function say(sentence) {
  root.querySelector("[data-words]").textContent = sentence;
}

async function answer(column) {
  if (answered || sent !== null) return;
  sent = column;
  draw();
  const response = await fetch(form.action, { method: "POST", body: new URLSearchParams([...new FormData(form), ["column", column]]) }).catch(() => null);
  const body = await response?.json().catch(() => null);
  sent = null;
  if (response?.ok && body) take(body);
  else say(refusedSentence(response?.status, body));
  draw();
}

/** The server's judgement: of the first answer, where one was given before. */
function take(body) {
  answered = body;
  say(answerSentence(ply, body));
  const [sign, word] = [document.createElement("span"), document.createElement("span")];
  sign.textContent = body.isRight ? " ✓" : " ✗";
  sign.setAttribute("aria-hidden", "true");
  word.textContent = body.isRight ? ", solved" : ", not solved";
  word.className = "visually-hidden";
  document.querySelector("[data-puzzle][aria-current] [data-mark]").replaceChildren(sign, word);
  const streak = document.querySelector("[data-streak]");
  if (streak && body.streak !== null) streak.textContent = body.streak;
}

function draw() {
  const discs = discsOf(game);
  const open = answered === null && sent === null;
  const isPointed = open && page.legalColumns.includes(pointed);
  const played = answered?.column ?? sent;
  columns.show({
    shown: true, isActive: open, legal: page.legalColumns,
    notes: answered ? answered.scores.map((score) => columnInWords(ply, score)) : [],
  });
  board.draw({
    discs, last: discs.at(-1), line: null,
    pending: played === null ? null : { ...cell(played), participant: mover },
    hover: open ? { participant: mover, column: isPointed ? pointed : 3, resting: false } : null,
    landing: isPointed ? { ...cell(pointed), participant: mover } : null,
    best: answered && !answered.isRight ? [cell(answered.answer)] : [],
  });
  table.draw(game, discs);
  row.element.hidden = !answered;
  if (answered) row.draw(ply, answered.scores);
  drawAfter();
}

function cell(column) {
  return { column, row: page.moves.filter((other) => other === column).length };
}

/** Where to go once it is answered: the game, and the next puzzle that is not. */
function drawAfter() {
  root.querySelector("[data-after]").hidden = !answered;
  if (!answered) return;
  root.querySelector("[data-game]").href = answered.game;
  const next = [...document.querySelectorAll("[data-puzzle]")].find((link) => link.querySelector("[data-mark]").textContent.trim() === "");
  const link = root.querySelector("[data-next]");
  link.hidden = !next;
  if (next) link.href = next.href;
}
