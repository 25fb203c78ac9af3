/**
 * The page's one connection to the lobby. The lobby's own page hears of everything; all others hear only what concerns
 * the person, which costs the server next to nothing.
 */
import { Socket } from "../net/socket.js";

const QUIET_PING_MS = 25000;
const hasLists = document.querySelector("[data-lobby]") !== null;
const path = hasLists ? "/ws/lobby/" : "/ws/lobby/?lists=none";

const listeners = new Set();
let socket = null;
let isOpen = false;

function open() {
  let ours = null;
  ours = new Socket(path, {
    event: (event) => { if (ours === socket) listeners.forEach((listener) => listener.event?.(event)); },
    status: (status, code) => {
      if (ours === null || ours !== socket) return; // it has only just been made, or another has taken its place
      isOpen = status === "open";
      listeners.forEach((listener) => listener.status?.(status, code));
    },
  }, hasLists ? {} : { pingAfterMs: QUIET_PING_MS });
  socket = ours;
}

/** Hears the lobby from now on: `event(object)` and `status(status, code)`, both optional, as `Socket` calls them. */
export function listen(listener) {
  listeners.add(listener);
}

/** Connects, unless there is a connection. */
export function connect() {
  if (!socket) open();
}

/** Connects anew: the person is somebody else than before. */
export function reconnect() {
  const before = socket;
  socket = null;
  before?.close();
  open();
}

/** Sends a command; whether there was a connection to put it on. */
export function send(command) {
  return isOpen && (socket?.send(command) ?? false);
}
