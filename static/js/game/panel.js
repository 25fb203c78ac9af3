/** What stands beside the board: both players' bars, the status, who watches, the state of the connection. */
import { haveBothMoved, otherSeat } from "./state.js";
import { ratingChangeText, ratingText } from "../site/rating.js";
import { asideOf, awaySentence, nameOf, pointsText, spectatorsSentence, statusSentence } from "./words.js";

const REDRAW_AWAY_MS = 30000;

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A name leads to its player's page; nobody's, and that of somebody who is gone, leads nowhere. */
function linkToProfile(link, name) {
  if (name && !name.startsWith("[")) link.href = link.dataset.profile.replace("NAME", name);
  else link.removeAttribute("href");
}

export class Panel {
  #root;
  #state = null;

  /** @param {Element} root holds [data-bar="far"], [data-bar="near"], [data-status], [data-aside], [data-hint], [data-spectators] */
  constructor(root) {
    this.#root = root;
    setInterval(() => this.#state && this.#drawBars(), REDRAW_AWAY_MS);
  }

  draw(state) {
    this.#state = state;
    this.#drawBars();
    setText(this.#root.querySelector("[data-status]"), statusSentence(state));
    this.#drawHints();
    const spectators = this.#root.querySelector("[data-spectators]");
    const count = state.presence?.spectators ?? 0;
    spectators.hidden = count === 0;
    setText(spectators.querySelector("span"), spectatorsSentence(count));
  }

  /** What goes with the time: called at each change of a state, and as time passes. */
  drawTimes(serverMs) {
    const { text, isUrgent } = asideOf(this.#state, serverMs);
    setText(this.#root.querySelector("[data-aside]"), text);
    this.#root.querySelector(".status").classList.toggle("urgent", isUrgent);
    this.#root.querySelector("[data-add-time]").hidden = !mayGiveTime(this.#state);
  }

  /** What the empty list of moves says. */
  #drawHints() {
    const { game, you, closed } = this.#state;
    const isFresh = game.state === "in-progress" && game.moves.length === 0 && !closed;
    this.#root.querySelector('[data-hint="player"]').hidden = !isFresh || you === null;
    this.#root.querySelector('[data-hint="spectator"]').hidden = !isFresh || you !== null;
  }

  #drawBars() {
    const near = this.#state.you ?? 1;
    this.#drawBar(this.#root.querySelector('[data-bar="near"]'), near);
    this.#drawBar(this.#root.querySelector('[data-bar="far"]'), otherSeat(near));
    if (this.#root.querySelector("[data-series-score]")) drawSeries(this.#root, this.#state.game, near);
  }

  #drawBar(bar, seat) {
    const { game, you, closed } = this.#state;
    bar.dataset.seat = seat;
    bar.classList.toggle("to-move", game.turn === seat && !closed);
    bar.querySelector(".disc-icon").className = `disc-icon disc-${seat}`;
    setText(bar.querySelector(".seat-name"), nameOf(game, seat) ?? "Nobody");
    linkToProfile(bar.querySelector(".seat-name"), nameOf(game, seat));
    drawRating(bar, game.players[seat - 1]);
    setText(bar.querySelector(".seat-you"), seat === you ? "you" : "");
    setText(bar.querySelector(".seat-turn"), this.#turnText(seat));
    this.#drawPresence(bar, seat);
  }

  #turnText(seat) {
    const { game, you, closed } = this.#state;
    if (closed && game.turn !== null) return "";
    if (game.turn === seat) return seat === you ? "Your move" : "To move";
    return game.outcome?.winner === seat ? "Won" : "";
  }

  /** Nothing is claimed while the connection cannot tell. */
  #drawPresence(bar, seat) {
    const { presence, awaySince, game } = this.#state;
    const isKnown = presence !== null && nameOf(game, seat) !== null;
    const isPresent = isKnown && presence[`participant${seat}`];
    bar.dataset.presence = isKnown ? (isPresent ? "here" : "away") : "unknown";
    setText(bar.querySelector(".seat-note"), isKnown && !isPresent ? awaySentence(awaySince[seat], Date.now()) : "");
    setText(bar.querySelector(".seat-here"), isPresent ? "connected" : "");
  }
}

/** The score of the series at both names, and over its games; a page has it from the second game on. */
function drawSeries(root, game, near) {
  const points = (seat) => pointsText(game.series.score[seat - 1]);
  for (const [bar, seat] of [["near", near], ["far", otherSeat(near)]]) {
    setText(root.querySelector(`[data-bar="${bar}"] [data-score]`), points(seat));
    setText(root.querySelector(`[data-series-name="${bar}"]`), nameOf(game, seat));
  }
  setText(root.querySelector("[data-series-score]"), `${points(otherSeat(near))} : ${points(near)}`);
}

/** The rating with which somebody came into the game, and what the game did to it. */
function drawRating(bar, player) {
  const change = bar.querySelector("[data-rating-change]");
  setText(bar.querySelector("[data-rating]"), ratingText(player));
  setText(change, ratingChangeText(player));
  change.className = player?.ratingChange > 0 ? "gained" : "";
}

/** Whether the other side has a clock that may be given more. Before both have moved there is no need. */
function mayGiveTime({ game, you, closed }) {
  if (you === null || closed || game.state !== "in-progress" || !game.timeControl?.initial) return false;
  if (!haveBothMoved(game)) return false;
  return game.clock.remainingMs[otherSeat(you) - 1] < 2000 * game.timeControl.initial;
}

const SLOW_MS = 1500;

const CONNECTION_SENTENCES = {
  4400: "The server did not understand this page. Reload it.",
  4403: "This game is not yours to see.",
  4404: "This game no longer exists.",
};

/** The notice over the page: why the board stands still, and what to do. */
export class ConnectionNotice {
  #root;
  #hasSeat;
  #slow = 0;
  #sentence;
  #signIn;
  #reload;

  /**
   * @param {Element} root holds [data-sentence], [data-sign-in], [data-reload]
   * @param {boolean} hasSeat whether this page is a player's; a spectator may go on watching as anyone
   */
  constructor(root, hasSeat) {
    this.#root = root;
    this.#hasSeat = hasSeat;
    this.#sentence = root.querySelector("[data-sentence]");
    this.#signIn = root.querySelector("[data-sign-in]");
    this.#reload = root.querySelector("[data-reload]");
    this.#reload.addEventListener("click", () => location.reload());
  }

  /** Shows what a socket's status means; nothing while it is open. */
  show(status, code) {
    clearTimeout(this.#slow);
    if (status === "connecting" && this.#root.hidden) this.#slow = setTimeout(() => this.#say("Connecting…"), SLOW_MS);
    else if (status === "open") this.#root.hidden = true;
    else if (status === "lost") this.#say(this.#lostSentence(code));
    else if (status === "closed" && code === 4401) this.showSignedOut();
    else if (status === "closed") this.#say(CONNECTION_SENTENCES[code] ?? "Disconnected. Reload the page.", { reload: true });
  }

  showSignedOut() {
    if (this.#hasSeat) this.#say("You are signed out. Sign in to go on playing.", { signIn: true });
    else this.#say("You are signed out. Reload the page to go on watching.", { reload: true });
  }

  showRestarting() {
    this.#say("The server is restarting. Reconnecting…");
  }

  #lostSentence(code) {
    if (code === 4008 || code === 1008) return "Too many messages from here. Reconnecting in a minute…";
    if (!navigator.onLine) return "You are offline. Reconnecting as soon as the network is back…";
    return "Connection lost. Reconnecting…";
  }

  #say(sentence, { signIn = false, reload = false } = {}) {
    setText(this.#sentence, sentence);
    this.#signIn.hidden = !signIn;
    this.#reload.hidden = !reload;
    this.#root.hidden = false;
  }
}
