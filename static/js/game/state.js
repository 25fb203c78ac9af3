/**
 * The game as this page knows it: a pure `reduce(state, event)`. No document, no clock, no socket.
 *
 * Events are the protocol's, and a few of the page's own: `connection_changed`, `connection_closed`, `move_sent`, `move_withdrawn`, `times_loaded`.
 *
 * State:
 *   game        the game as the protocol writes it
 *   you         the seat of this connection: 1, 2 or null
 *   rematch     {offeredBy, game}
 *   presence    {participant1, participant2, spectators, claim} or null while unknown
 *   awaySince   {1, 2}: milliseconds since the epoch, null when present or unknown
 *   times       for each ply {playedAt, moveMs, remainingMs}: when it was played, what it cost, what participants 1 and 2
 *               had left after it (both null in untimed games); null where unknown
 *   pending     {column, ply, version, moveTimeMs, pressedAt}: a move that was sent and is not confirmed, and when it was
 *               made by the server's clock, in milliseconds; else null
 *   fresh       whether this connection has had its first snapshot
 *   closed      whether the connection has ended for good
 *   behind      whether a `sync` is due
 */

/**
 * @param {object} page what the server wrote into the page: game, you, rematch, playedAt, moveMs, remainingMs, seenAt
 */
export function startingState(page) {
  return {
    game: page.game,
    you: page.you,
    rematch: page.rematch,
    presence: null,
    awaySince: { 1: milliseconds(page.seenAt[0]), 2: milliseconds(page.seenAt[1]) },
    times: timesOf(page),
    pending: null,
    fresh: false,
    closed: false,
    behind: false,
  };
}

/** The times of a record's plies: `playedAt`, `moveMs` and `remainingMs`, as exports have them. */
function timesOf({ playedAt, moveMs, remainingMs }) {
  return playedAt.map((at, index) => ({ playedAt: at, moveMs: moveMs[index], remainingMs: remainingMs[index] }));
}

function milliseconds(time) {
  return time ? Date.parse(time) : null;
}

/** The state after an event; the very same object where the event changes nothing. */
export function reduce(state, event) {
  const reducer = reducers[event.type];
  return reducer ? reducer(state, event) : state;
}

const reducers = {
  connection_changed: (state) => ({ ...state, fresh: false, behind: false, presence: null }),
  connection_closed: (state) => ({ ...state, fresh: false, behind: false, presence: null, closed: true }),
  snapshot,
  game_started: versioned((state, event) => ({ ...state, game: event.game, times: event.game.moves.map(() => null) })),
  move_played: versioned(movePlayed),
  game_finished: versioned((state, event) => ({ ...state, game: finished(state.game, event), pending: null })),
  draw_offered: versioned((state, event) => ({ ...state, game: withOffer(state.game, { draw: event.participant }, event) })),
  draw_declined: versioned((state, event) => ({ ...state, game: withOffer(state.game, { draw: null }, event) })),
  takeback_offered: versioned((state, event) => ({ ...state, game: withOffer(state.game, { takeback: event.participant }, event) })),
  takeback_declined: versioned((state, event) => ({ ...state, game: withOffer(state.game, { takeback: null }, event) })),
  time_added: versioned((state, event) => ({ ...state, game: { ...state.game, version: event.version, clock: event.clock } })),
  moves_taken_back: versioned(movesTakenBack),
  rematch_offered: (state, event) => ({ ...state, rematch: { ...state.rematch, offeredBy: event.participant } }),
  rematch_declined: (state) => ({ ...state, rematch: { ...state.rematch, offeredBy: null } }),
  rematch_started: (state, event) => ({ ...state, rematch: { offeredBy: null, game: event.game } }),
  ratings_changed: (state, event) => ({ ...state, game: { ...state.game, players: event.players } }),
  presence,
  pong,
  error: refused,
  move_sent: (state, event) => ({ ...state, pending: pendingMove(state, event) }),
  move_withdrawn: (state) => ({ ...state, pending: null }),
  times_loaded: (state, event) => ({ ...state, times: fittingTimes(state.game.moves, event.moves, timesOf(event)) }),
};

function pendingMove({ game }, { column, ply, moveTimeMs, pressedAt }) {
  return { column, ply, version: game.version, moveTimeMs, pressedAt };
}

/** Versioned events apply in order: an old one is dropped, a gap asks for a snapshot. */
function versioned(apply) {
  return (state, event) => {
    if (event.version <= state.game.version) return state;
    if (!state.fresh || event.version > state.game.version + 1) return { ...state, behind: true };
    return apply(state, event);
  };
}

function snapshot(state, event) {
  if (state.fresh && event.game.version < state.game.version) return { ...state, behind: false };
  const pending = state.pending && mayStillBePlayed(state.pending, event.game) ? state.pending : null;
  return {
    ...state,
    game: event.game,
    you: event.you,
    rematch: event.rematch,
    times: fittingTimes(event.game.moves, state.game.moves, state.times),
    pending,
    fresh: true,
    behind: false,
  };
}

function mayStillBePlayed(pending, game) {
  return game.state === "in-progress" && game.moves.length === pending.ply - 1;
}

/** Times that are known for `knownMoves`, taken over for `moves` as far as both agree. */
function fittingTimes(moves, knownMoves, times) {
  let agree = true;
  return moves.map((column, index) => {
    agree = agree && knownMoves[index] === column;
    return agree ? (times[index] ?? null) : null;
  });
}

/** The game with another offer of a draw or a takeback: whose it is, or null. */
function withOffer(game, offer, { version }) {
  return { ...game, version, offers: { ...game.offers, ...offer } };
}

function movePlayed(state, event) {
  const game = {
    ...state.game,
    version: event.version,
    moves: [...state.game.moves, event.column],
    notation: state.game.notation + String(event.column + 1),
    turn: event.turn,
    legalColumns: event.legalColumns,
    clock: event.clock,
    // An offer is gone when its receiver moves.
    offers: { draw: ownOffer(state.game.offers.draw, event), takeback: ownOffer(state.game.offers.takeback, event) },
  };
  return {
    ...state,
    game: event.outcome ? finished(game, { ...event, endTime: event.playedAt }) : game,
    times: [...state.times, { playedAt: event.playedAt, moveMs: event.moveMs, remainingMs: event.clock?.remainingMs ?? null }],
    pending: null,
  };
}

/** A move ends the offers that its player was made. */
function ownOffer(offeredBy, { participant }) {
  return offeredBy === participant ? offeredBy : null;
}

function movesTakenBack(state, event) {
  return { ...state, game: event.game, times: state.times.slice(0, event.game.moves.length), pending: null };
}

function finished(game, event) {
  return {
    ...game,
    version: event.version,
    state: "finished",
    turn: null,
    legalColumns: [],
    outcome: event.outcome,
    clock: game.clock && stopped(game.clock, event.outcome),
    series: { ...game.series, score: scoreAfter(game.series.score, event.outcome) },
    endTime: event.endTime ?? null,
    offers: { draw: null, takeback: null },
  };
}

/** The points of participants 1 and 2 in their series, with those of a game that has just ended. */
function scoreAfter(score, { winner, reason }) {
  if (reason === "aborted") return score;
  return score.map((points, index) => points + (winner === null ? 0.5 : Number(winner === index + 1)));
}

/** Both clocks after the end: who lost on time has none left. */
function stopped(clock, { reason, winner }) {
  const isFlagged = (seat) => reason === "timeout" && winner === otherSeat(seat);
  return { ...clock, remainingMs: clock.remainingMs.map((ms, index) => (isFlagged(index + 1) ? 0 : ms)), running: null, firstMoveBy: null };
}

function presence(state, event) {
  const { participant1, participant2, spectators, claim = null } = event;
  const since = (seat, isPresent) => {
    if (isPresent) return null;
    const told = milliseconds(event[`participant${seat}AwaySince`] ?? null);
    if (told !== null) return told;
    const wasPresent = state.presence?.[`participant${seat}`];
    return wasPresent ? event.receivedAt : state.awaySince[seat];
  };
  return {
    ...state,
    presence: { participant1, participant2, spectators, claim },
    awaySince: { 1: since(1, participant1), 2: since(2, participant2) },
  };
}

function pong(state, event) {
  if (!event.rematch || !state.fresh) return state;
  const same = event.rematch.offeredBy === state.rematch.offeredBy && event.rematch.game === state.rematch.game;
  return same ? state : { ...state, behind: true };
}

/** Codes after which the same move is sent again; any other refusal takes the pending disc back. */
const TRY_LATER = new Set(["try_again", "rate_limited"]);

function refused(state, event) {
  const isOfPending = state.pending !== null && event.id === moveId(state.pending);
  return isOfPending && !TRY_LATER.has(event.code) ? { ...state, pending: null } : state;
}

/** The `id` under which a move is sent. */
export function moveId(pending) {
  return `move-${pending.ply}-${pending.column}`;
}

/** The other seat. */
export function otherSeat(seat) {
  return 3 - seat;
}

/** Whether each side has made a move of its own, on the board or taken back since as far as clocks tell. */
export function haveBothMoved({ moves, openingPlies, timeControl, clock, state }) {
  if (moves.length >= openingPlies + 2) return true;
  return state === "in-progress" && Boolean(timeControl?.initial) && clock.firstMoveBy === null;
}

/** The participant whose ply it is, counted from 1. */
export function moverOf(game, ply) {
  return ply % 2 === 1 ? game.firstMove : otherSeat(game.firstMove);
}

/**
 * The discs on the board after so many plies, in the order in which they were played.
 *
 * @param {object} game
 * @param {number} plies
 * @returns {{ply: number, column: number, row: number, participant: number, given: boolean}[]} given: of the opening, which
 *   nobody has played
 */
export function discsOf(game, plies = game.moves.length) {
  const heights = new Array(7).fill(0);
  return game.moves.slice(0, plies).map((column, index) => {
    const row = heights[column];
    heights[column] += 1;
    return { ply: index + 1, column, row, participant: moverOf(game, index + 1), given: index < (game.openingPlies ?? 0) };
  });
}

/** Whether the person at this page may end the game because the other side has left: at a server's time, in milliseconds. */
export function mayClaim({ game, you, presence }, serverMs) {
  const claim = presence?.claim ?? null;
  return game.state === "in-progress" && claim !== null && claim.participant === you && Date.parse(claim.from) <= serverMs;
}

/** Whether the person at this page may choose a column now. */
export function mayMove(state) {
  return state.fresh && state.you !== null && state.game.turn === state.you && state.pending === null;
}
