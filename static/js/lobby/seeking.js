/** The person's seek: what is wanted, what the server says of it, and the way into the game when there is a partner. */
import { areSoundsWanted, playSound } from "../game/sounds.js";
import { toast } from "../site/toast.js";
import { connect, listen, reconnect, send } from "./line.js";
import { beSomebody, myName } from "./person.js";

const SOUND_MS = 350;
const SEEK_ID = "seek";
const REFUSALS = {
  rate_limited: "You have asked for many games. Wait a little, then try again.",
  unauthenticated: "You are not signed in any more. Reload the page.",
};

/** What is known: the time control that is wanted (null for none), whether rated, since when, and whether the server has it. */
export const seek = { wanted: null, rated: false, since: 0, isConfirmed: false };
const watchers = new Set();
let isLeaving = false;

/** Calls a function now and whenever the seek changes. */
export function watch(watcher) {
  watchers.add(watcher);
  watcher(seek);
}

/** A time control as the lobby counts it, such as "60+0". */
export function keyOf({ initial, increment }) {
  return `${initial}+${increment}`;
}

/** Seconds for which the person has waited. */
export function waitedSeconds() {
  return Math.max(0, Math.floor((Date.now() - seek.since) / 1000));
}

/** Seeks a game with a time control; pressed again, stops. */
export async function press(control, rated = false) {
  if (seek.wanted && keyOf(seek.wanted) === keyOf(control)) {
    stop();
    return;
  }
  const wasNobody = !myName();
  become({ wanted: control, rated, since: Date.now(), isConfirmed: false });
  try {
    if (!(await beSomebody())) return;
  } catch (error) {
    forget();
    toast(error.message);
    return;
  }
  if (seek.wanted !== control) return; // pressed again meanwhile
  if (wasNobody) reconnect(); // the snapshot that follows has no seek, and then it is sent
  else {
    connect();
    sendSeek();
  }
}

/** Seeks no longer. */
export function stop() {
  if (!seek.wanted) return;
  send({ type: "cancel_seek" });
  forget();
}

function sendSeek() {
  send({ type: "seek", timeControl: seek.wanted, rated: seek.rated, id: SEEK_ID });
}

function become(next) {
  Object.assign(seek, next);
  watchers.forEach((watcher) => watcher(seek));
}

function forget() {
  become({ wanted: null, rated: false, since: 0, isConfirmed: false });
}

function takeSeek({ timeControl, rated, since }) {
  const { initial, increment = 0 } = timeControl;
  become({ wanted: { initial, increment }, rated, since: Math.min(Date.parse(since), Date.now()), isConfirmed: true });
}

/** Straight into the game, unless it is the page that is open. */
function enter(gameId) {
  const address = document.body.dataset.gameAddress.replace("000000", gameId);
  if (isLeaving || location.pathname === address) return;
  isLeaving = true;
  document.title = "● Your game begins · Fourline";
  playSound("joined");
  setTimeout(() => location.assign(address), areSoundsWanted() ? SOUND_MS : 0);
}

function takeSnapshot(snapshot) {
  if (snapshot.paired) enter(snapshot.paired);
  else if (snapshot.seek) takeSeek(snapshot.seek);
  else if (seek.wanted && myName()) sendSeek(); // the server has lost it, or never had it
}

listen({
  event(event) {
    if (event.type === "lobby_snapshot") takeSnapshot(event);
    else if (event.type === "seeking") takeSeek(event);
    else if (event.type === "paired") enter(event.game);
    else if (event.type === "seek_ended" && seek.isConfirmed && !isLeaving) forget();
    else if (event.type === "error" && event.id === SEEK_ID) {
      forget();
      toast(REFUSALS[event.code] ?? event.message);
    }
  },
  status(status) {
    if (status === "closed") forget();
  },
});

// A page that the back button brings back from memory is not on its way any more.
addEventListener("pageshow", () => { isLeaving = false; });
