/** Wires the game page: socket to state, state to what is seen, presses and keys to the socket. */
import { Chat } from "../chat/panel.js";
import { Actions } from "./actions.js";
import { Board } from "./board.js";
import { ServerTime, claimMs, firstMoveMs, turnNow, untilChange } from "./clock.js";
import { Clocks } from "./clocks.js";
import { Columns } from "./columns.js";
import { wireHelp } from "./help.js";
import { MoveList } from "./moves.js";
import { ConnectionNotice, Panel } from "./panel.js";
import { Replay } from "./replay.js";
import { Socket } from "../net/socket.js";
import { wireSoundSwitches } from "./sounds.js";
import { discsOf, mayClaim, mayMove, moveId, reduce, startingState } from "./state.js";
import { BoardTable } from "./table.js";
import { Takebacks } from "./takebacks.js";
import { announce, tell } from "./telling.js";
import { toast } from "../site/toast.js";
import { wireWaiting } from "./waiting.js";
import { refusalSentence, titleOf } from "./words.js";

const RESEND_AFTER_MS = 2500;
const TRY_LATER_MS = 1200;
const LONGEST_TIMER_MS = 3600000; // browsers take a month for none at all
const MIDDLE = 3;
const CLOSING_CODES = new Set(["unauthenticated", "forbidden", "game_not_found"]);

const page = JSON.parse(document.getElementById("page-data").textContent);
const root = document.getElementById("content");

let state = startingState(page);
let pointed = null;
let sentAt = 0;
let turn = null;
let ticking = 0;
let addition = null;
const serverTime = new ServerTime(Date.parse(page.serverTime), performance.now());

const board = new Board();
const table = new BoardTable();
const columns = new Columns({ chosen: play, pointed: (column) => { pointed = column; drawBoard(); } });
const moves = new MoveList(root.querySelector("[data-moves]"));
const panel = new Panel(root);
const notice = new ConnectionNotice(root.querySelector("[data-notice]"), page.you !== null);
const replay = new Replay(root.querySelector("[data-replay-bar]"), (ply) => {
  addition?.stepped(ply);
  drawBoard();
  drawTimes();
});
const takebacks = new Takebacks(page.game.id, send);
const actions = new Actions(root.querySelector("[data-actions]"), pressed, (now) => takebacks.areRefusedIn(now));
const clocks = new Clocks(root);
const chat = new Chat(root, page.game.series.id, (command) => socket.send(command));
root.querySelector("[data-board]").append(board.element, columns.element);
root.querySelector("[data-board-table]").append(table.element);
wireWaiting(root);
wireSoundSwitches(root);
wireHelp(root, () => announce(clocks.spoken(state)));
root.querySelector("[data-add-time]").addEventListener("click", () => send({ type: "add_time", id: "add_time" }));
noteTurn();
draw();

const socket = new Socket(`/ws/games/${page.game.id}/`, {
  event: (event) => dispatch({ ...event, receivedAt: Date.now() }),
  status: connectionChanged,
  // Rounded down, so that the answer, which repeats it, never seems quicker than it was.
  ping: () => ({ version: state.game.version, id: Math.floor(performance.now()) }),
  isUrgent: () => state.you !== null && state.game.state === "in-progress",
});

// The list of moves keeps the shown one in view.
addEventListener("resize", drawBoard);
// Browsers hold the timers of pages that nobody sees.
document.addEventListener("visibilitychange", () => {
  drawTimes();
  // Said of rated games alone, for moderators; docs/protocol.md says what is kept.
  if (document.visibilityState === "hidden" && isRatedOfMine()) socket.send({ type: "leave_page" });
});
// A page that the browser kept and shows again (back button) is from another time.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

/**
 * What another script adds to the page of a finished game; `review/main.js` does.
 *
 * @param {object} added `changed(state, event)`: an event was taken in; `stepped(ply)`: the replay went to a ply;
 *   `view(view, state, ply, pointed)`: what the board shows in place of `view`; `columns(state, ply)`: what `Columns.show`
 *   takes, or null for none; `chosen(column)`: a column was chosen in a finished game
 * @returns {object} the state now; `visit(ply)`: of the replay; `redraw()`
 */
export function extend(added) {
  addition = added;
  return { state, visit: (ply) => replay.visit(ply), redraw: drawBoard };
}

function isRatedOfMine() {
  return state.you !== null && state.game.rated && state.game.state === "in-progress";
}

function connectionChanged(status, code) {
  notice.show(status, code);
  if (status === "open") chat.connectionChanged();
  if (status === "lost" || status === "open") dispatch({ type: "connection_changed" });
  if (status === "closed") dispatch({ type: "connection_closed" });
}

function send(command) {
  if (!socket.send(command)) toast("Not connected. Try again in a moment.");
}

/** Something in the row of actions was pressed: a command, or a wish that this page remembers. */
function pressed(command) {
  takebacks.pressed(command);
  if (command.type === "refuse_takebacks") takebacks.refuse(state);
  else send(command);
}

/** Every change goes through here: reduce, draw, then whatever follows from the difference. */
function dispatch(event) {
  if (chat.take(event)) return;
  const before = state;
  learnTime(event);
  state = reduce(state, event);
  if (state.game !== before.game) noteTurn();
  if (state !== before) draw();
  addition?.changed(state, event);
  takebacks.changed(state);
  if (state.behind && !before.behind) socket.send({ type: "sync" });
  followUp(before, event);
  tell(before, state, event);
}

/** What the server says of its time; a pong has as its `id` when it was asked. */
function learnTime({ type, serverTime: said, id }) {
  if (type === "snapshot") serverTime.heard(Date.parse(said), performance.now());
  if (type === "pong" && typeof id === "number") serverTime.answered(Date.parse(said), id, performance.now());
}

/** Since when the person to move may have been thinking. A page that comes in the middle asks the clocks. */
function noteTurn() {
  const now = performance.now();
  const begun = state.game.clock && now - (serverTime.at(now) - Date.parse(state.game.clock.at));
  turn = turnNow(turn, state.game, now, begun);
}

function followUp(before, event) {
  if (event.type === "snapshot") afterSnapshot();
  if (event.type === "error") afterRefusal(event, before);
  if (event.type === "pong" && state.pending && Date.now() - sentAt > RESEND_AFTER_MS) sendPending();
  if (event.type === "server_restarting") notice.showRestarting();
  const hasRematch = state.rematch.game !== null && before.rematch.game === null;
  if (hasRematch && state.you !== null) location.assign(page.gameAddress.replace("000000", state.rematch.game));
}

function afterSnapshot() {
  // Whoever sat down to play is never moved to the audience without a word.
  if (page.you !== null && state.you === null) notice.showSignedOut();
  if (state.pending) sendPending();
  if (state.times.includes(null)) loadTimes();
}

function afterRefusal(event, before) {
  if (!before.fresh || CLOSING_CODES.has(event.code)) return; // the close that follows has its own notice
  const isOfMove = before.pending !== null && event.id === moveId(before.pending);
  toast(refusalSentence(event, isOfMove && state.pending !== null));
  if (!isOfMove) return;
  if (state.pending) setTimeout(() => state.pending && sendPending(), TRY_LATER_MS);
  else socket.send({ type: "sync" }); // refused: the server's board is not the one that this page shows
}

/** Moves that came by snapshot bring no times; the game's export has them. */
async function loadTimes() {
  const response = await fetch(page.exportAddress).catch(() => null);
  if (!response?.ok) return;
  const game = await response.json();
  dispatch({ ...game, type: "times_loaded" });
}

function play(column) {
  if (state.game.state === "finished") addition?.chosen(column);
  if (!mayMove(state)) return;
  const now = performance.now();
  const moveTimeMs = Math.max(0, Math.round(now - turn.since));
  dispatch({ type: "move_sent", column, ply: state.game.moves.length + 1, moveTimeMs, pressedAt: serverTime.at(now) });
  sendPending();
}

/** Sending the same move twice is safe: the server answers what it has recorded. */
function sendPending() {
  sentAt = Date.now();
  const { column, ply, version, moveTimeMs } = state.pending;
  socket.send({ type: "play_move", column, ply, version, moveTimeMs, id: moveId(state.pending) });
}

function draw() {
  document.title = titleOf(state);
  root.dataset.state = state.game.state;
  root.dataset.connection = state.fresh ? "open" : "broken";
  if (state.game.state === "finished") openRecord();
  panel.draw(state);
  drawBoard();
  drawTimes();
}

/** A finished game has no columns to choose, but for those of the review. */
function drawColumns() {
  const added = state.game.state === "finished" ? addition?.columns(state, shownPly()) : null;
  columns.show(added ?? {
    shown: state.you !== null && state.game.state === "in-progress",
    isActive: mayMove(state),
    legal: state.game.legalColumns,
  });
}

/** What looks different as time passes: clocks, countdowns, and what may be done from then on. Comes again by itself. */
function drawTimes() {
  const serverMs = serverTime.at(performance.now());
  const isPlayed = state.game.state === "in-progress" && !state.closed;
  const next = clocks.draw(state, serverMs, shownPly());
  panel.drawTimes(serverMs);
  actions.draw(state, mayClaim(state, serverMs));
  const counted = isPlayed ? [firstMoveMs(state.game.clock, serverMs), claimMs(state.presence?.claim, serverMs)] : [];
  clearTimeout(ticking);
  const wait = Math.min(next, ...counted.filter(Boolean).map(untilChange));
  if (isPlayed && wait < Infinity) ticking = setTimeout(drawTimes, Math.min(wait, LONGEST_TIMER_MS));
}

/** A finished game can be stepped through and taken along. */
function openRecord() {
  replay.open(state.game.moves.length);
  root.querySelector("[data-notation]").textContent = state.game.notation;
  root.querySelector("[data-record]").hidden = state.game.notation === "";
}

/** The ply on the board: the last one, unless a finished game is being replayed. */
function shownPly() {
  return state.game.state === "finished" ? replay.ply : state.game.moves.length;
}

function drawBoard() {
  drawColumns();
  const { game } = state;
  const ply = shownPly();
  const discs = discsOf(game, ply);
  const isLatest = ply === game.moves.length;
  const last = discs.at(-1);
  const played = {
    discs,
    pending: state.pending && { ...landing(state.pending.column), participant: state.you },
    last: last && !last.given ? last : null,
    line: isLatest ? (game.outcome?.line ?? null) : null,
    hover: hoveringDisc(),
    landing: chosenColumn() === null ? null : { ...landing(pointed), participant: state.you },
  };
  const view = (game.state === "finished" && addition?.view(played, state, ply, pointed)) || played;
  board.draw(view);
  table.draw(game, view.discs);
  moves.draw(state, view.ply ?? ply);
}

/** Where the next disc in a column comes to lie, as the drawn discs have it. */
function landing(column) {
  return { column, row: state.game.moves.filter((played) => played === column).length };
}

/** The column that is pointed at, if a press would play it. */
function chosenColumn() {
  return mayMove(state) && state.game.legalColumns.includes(pointed) ? pointed : null;
}

function hoveringDisc() {
  const { turn } = state.game;
  if (turn === null || state.pending || state.closed) return null;
  return { participant: turn, column: chosenColumn() ?? MIDDLE, resting: !mayMove(state) };
}
