/**
 * What this page knows of the rooms beside its game: plain data and pure functions. No document, no clock, no socket.
 *
 * Chat:
 *   own    the room that this person is in: "participants", "spectators", or null while unknown
 *   rooms  for each room that may be read {lines, may, off, seen}: the lines {number, name, text, at, bot}; what may be said there
 *          ("text", "presets" or null); whether this person has switched chat off; the number of the last line that was seen
 */

export const ROOMS = ["participants", "spectators"];

/** @param {object} seen for rooms: the last line that this browser has seen of the series, where it remembers that */
export function startingChat(seen = {}) {
  return { own: null, rooms: {}, remembered: seen };
}

/** The chat after an event; the very same object where the event changes nothing. */
export function reduceChat(chat, event, isFirst = false) {
  if (event.type === "chat") return takeRoom(chat, event, isFirst);
  if (event.type === "said") return takeLine(chat, event);
  if (event.type === "seen") return takeSeen(chat, event.room);
  return chat;
}

/** @param {boolean} isFirst whether it is the connection's first `chat`, which is of one's own room */
function takeRoom(chat, { room, lines, may, off }, isFirst) {
  const seen = chat.rooms[room]?.seen ?? chat.remembered[room] ?? lastNumber(lines);
  const own = isFirst || chat.own === null || may !== null ? room : chat.own;
  return { ...chat, own, rooms: { ...chat.rooms, [room]: { lines, may, off, seen } } };
}

function takeLine(chat, { room, number, name, text, at, bot = false }) {
  const known = chat.rooms[room];
  if (!known || number <= lastNumber(known.lines)) return chat;
  return { ...chat, rooms: { ...chat.rooms, [room]: { ...known, lines: [...known.lines, { number, name, text, at, bot }] } } };
}

function takeSeen(chat, room) {
  const known = chat.rooms[room];
  if (!known || known.seen >= lastNumber(known.lines)) return chat;
  return { ...chat, rooms: { ...chat.rooms, [room]: { ...known, seen: lastNumber(known.lines) } } };
}

function lastNumber(lines) {
  return lines.at(-1)?.number ?? 0;
}

/** How many lines of others nobody has looked at. */
export function unread(chat, room, myName) {
  const { lines, seen } = chat.rooms[room];
  return lines.filter((line) => line.number > seen && line.name !== myName).length;
}

/** How many characters a text has, as the contract counts them. */
export function lengthOf(text) {
  return [...text].length;
}
