/** The lobby, live: keeps the lists of the page as the server tells them. */
import { smallBoard, updateSmallBoard } from "../game/board.js";
import { showLocalTime } from "../site/page.js";
import { connect, listen } from "./line.js";
import { myName } from "./person.js";
import "./tiles.js";
import { csrfToken } from "../site/forgery.js";
import { ratingText } from "../site/rating.js";
import { paceWords } from "../site/time_control.js";
import { toast } from "../site/toast.js";

const root = document.querySelector("[data-lobby]");
const PLACEHOLDER_ID = "000000";
const LISTS = ["mine", "waiting", "playing"];
const games = new Map();
const plainTitle = document.title;

const byNewest = (time) => (a, b) => b[time].localeCompare(a[time]) || a.id.localeCompare(b.id);
const ORDER = {
  mine: (a, b) => urgency(a) - urgency(b) || byNewest("createTime")(a, b),
  waiting: byNewest("createTime"),
  playing: byNewest("startTime"),
};

function mySeat(game) {
  const me = myName();
  if (!me) return null;
  if (game.participant1 === me) return 1;
  return game.participant2 === me ? 2 : null;
}

function isMyMove(game) {
  return game.turn !== null && game.turn === mySeat(game);
}

function urgency(game) {
  if (game.state === "waiting") return 2;
  return isMyMove(game) ? 0 : 1;
}

/** The list that a game belongs to on this page; null for one that is over. */
function listOf(game) {
  if (game.state === "finished") return null;
  if (mySeat(game)) return "mine";
  return game.state === "waiting" ? "waiting" : "playing";
}

function address(name, game) {
  return root.dataset[`${name}Address`].replace(PLACEHOLDER_ID, game.id);
}

function setText(element, selector, text) {
  element.querySelectorAll(selector).forEach((place) => { place.textContent = text; });
}

function show(element, selector, isShown) {
  element.querySelectorAll(selector).forEach((place) => { place.hidden = !isShown; });
}

function makeEntry(list) {
  const entry = root.querySelector(`template[data-template="${list}"]`).content.firstElementChild.cloneNode(true);
  // The template's is of whoever loaded the page, who may be a guest by now.
  entry.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => { field.value = csrfToken(); });
  return entry;
}

function fillEntry(entry, list, game) {
  entry.dataset.game = game.id;
  setText(entry, "[data-id]", game.id);
  setText(entry, "[data-participant1]", game.participant1);
  setText(entry, "[data-participant2]", game.participant2 ?? "");
  entry.querySelectorAll("[data-profile]").forEach((link) => {
    link.href = link.dataset.profile.replace("NAME", game.participant1);
  });
  game.players.forEach((player, index) => setText(entry, `[data-rating${index + 1}]`, ratingText(player)));
  show(entry, "[data-rated]", game.rated);
  setText(entry, "[data-time-control]", paceWords(game));
  if (list === "waiting") fillWaiting(entry, game);
  else fillTile(entry, game);
}

function fillWaiting(entry, game) {
  const time = entry.querySelector("time");
  time.dateTime = game.createTime;
  showLocalTime(time);
  setText(entry, "[data-first-move]", game.firstMove === 2 ? "you move first" : "moves first");
  entry.querySelectorAll("[data-join]").forEach((join) => {
    join.hidden = (join.dataset.join === "at-once") !== joinsAtOnce(game);
    join[join.dataset.join === "at-once" ? "action" : "href"] = address("join", game);
  });
}

/** Whether one press joins a game: who has no account plays unrated ones alone, as a guest where there are any. */
function joinsAtOnce(game) {
  const { joins } = root.dataset;
  return joins === "all" || (joins === "unrated" && !game.rated);
}

function fillTile(entry, game) {
  entry.querySelector("a").href = address("game", game);
  const drawing = entry.querySelector("svg");
  if (drawing) updateSmallBoard(drawing, game);
  else entry.querySelector("[data-board]").append(smallBoard(game));
  const waits = game.state === "waiting";
  show(entry, "[data-second]", !waits);
  show(entry, "[data-my-move]", isMyMove(game));
  show(entry, "[data-their-move]", !waits && !isMyMove(game));
  show(entry, "[data-waits], [data-cancel]", waits);
  const cancel = entry.querySelector("[data-cancel]");
  if (cancel) cancel.action = address("cancel", game);
}

/** Brings one list to what `games` says. Entries that stay in their place are not touched, so focus stays too. */
function drawList(list) {
  const section = root.querySelector(`[data-section="${list}"]`);
  const holder = section.querySelector("[data-list]");
  const wanted = [...games.values()].filter((game) => listOf(game) === list && isShown(list, game)).sort(ORDER[list]);
  const entries = new Map([...holder.children].map((entry) => [entry.dataset.game, entry]));
  const ids = new Set(wanted.map((game) => game.id));
  entries.forEach((entry, id) => { if (!ids.has(id)) entry.remove(); });
  wanted.forEach((game, index) => {
    const entry = entries.get(game.id) ?? makeEntry(list);
    if (entry.drawn !== game) fillEntry(entry, list, game);
    entry.drawn = game;
    if (holder.children[index] !== entry) placeAt(holder, entry, index);
  });
  if (list === "mine") section.hidden = !wanted.length;
  else {
    holder.hidden = !wanted.length;
    const empty = section.querySelector("[data-empty]");
    empty.hidden = wanted.length > 0;
    if (list === "waiting") drawFilter(section, empty);
  }
}

/** The filter is there only where it could leave something out; an empty list says whether it did. */
function drawFilter(section, empty) {
  const waiting = [...games.values()].filter((game) => listOf(game) === "waiting");
  const speeds = new Set(waiting.map((game) => game.speed));
  const filter = section.querySelector("[data-filter]");
  filter.hidden = speeds.size < 2 && !filter.querySelector("input:checked").value;
  empty.textContent = waiting.length ? empty.dataset.filtered : empty.dataset.nobody;
}

/** Whether a game passes the filter by speed, which waiting games have. */
function isShown(list, game) {
  const chosen = root.querySelector("[data-filter] input:checked")?.value;
  return list !== "waiting" || !chosen || chosen === game.speed;
}

function placeAt(holder, entry, index) {
  const focused = entry.contains(document.activeElement) ? document.activeElement : null;
  holder.insertBefore(entry, holder.children[index] ?? null);
  focused?.focus();
}

function drawTitle() {
  const mine = [...games.values()].filter(isMyMove).length;
  document.title = mine ? `● Your move${mine > 1 ? ` in ${mine} games` : ""} · Fourline` : plainTitle;
}

root.querySelector("[data-filter]")?.addEventListener("change", () => drawList("waiting"));

let drawing = 0;
/** Events of one flush come as single messages: they are drawn together. */
function drawSoon() {
  drawing ||= setTimeout(() => {
    drawing = 0;
    LISTS.forEach(drawList);
    drawTitle();
  }, 0);
}

function takeSnapshot(event) {
  games.clear();
  [...event.waiting, ...event.playing, ...event.mine].forEach((game) => games.set(game.id, game));
  showMore("waiting", event.waitingCount - event.waiting.length);
  showMore("playing", event.playingCount - event.playing.length);
}

function showMore(list, count) {
  const place = root.querySelector(`[data-section="${list}"] [data-more]`);
  place.hidden = count <= 0;
  place.textContent = `and ${count} more`;
}

/** Says what a person would miss by looking elsewhere: that somebody joined, that it is their move. */
function tellOf(known, game) {
  if (!known || !mySeat(game)) return;
  const other = mySeat(game) === 1 ? game.participant2 : game.participant1;
  if (known.state === "waiting" && game.state === "in-progress") {
    toast(`${other} joined your game. ${isMyMove(game) ? "Your move." : "They move first."}`);
  } else if (isMyMove(game) && !isMyMove(known)) {
    document.querySelector("[data-announcer]").textContent = `Your move against ${other}.`;
  }
}

function received(event) {
  switch (event.type) {
    case "lobby_snapshot":
      takeSnapshot(event);
      break;
    case "game_listed":
    case "game_updated":
      tellOf(games.get(event.game.id), event.game);
      games.set(event.game.id, event.game);
      break;
    case "game_unlisted":
      games.delete(event.id);
      break;
    default:
      return;
  }
  drawSoon();
}

const CLOSED = {
  4401: "You are signed out. Sign in to see your games.",
  4400: "This page and the server no longer understand each other. Reload the page.",
};

function statusChanged(status, code) {
  if (status === "connecting") return; // what was said last still holds
  const notice = document.querySelector("[data-connection]");
  notice.hidden = status === "open";
  notice.querySelector("[data-sign-in]").hidden = code !== 4401;
  const lost = code === 4008 ? "Too much came from here at once. Connecting again in a minute." : "Reconnecting… The lists may be behind.";
  notice.querySelector("[data-sentence]").textContent =
    status === "closed" ? CLOSED[code] ?? "The connection is closed. Reload the page." : lost;
}

listen({ event: received, status: statusChanged });
connect();
