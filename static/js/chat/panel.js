/** The chat beside a game: opened by its button, with one list for each room that may be read. */
import { drawLines } from "./lines.js";
import { send, wirePersonMenu } from "./person-menu.js";
import { ROOMS, lengthOf, reduceChat, startingChat, unread } from "./rooms.js";

const MOST_CHARACTERS = 140;
const SHOWN_FROM = 120;
const ANSWER_DUE_MS = 5000;
const OPEN_KEY = "chat-open";
const REFUSALS = {
  chat_unavailable: "You can’t say that here.",
  rate_limited: "You have said that, or a lot, just now. Wait a little.",
  try_again: "The server could not keep that. Send it again.",
  invalid_message: "That can’t be sent.",
};

function remembered(key) {
  try {
    return sessionStorage.getItem(key);
  } catch (error) {
    return null;
  }
}

function remember(key, value) {
  try {
    sessionStorage.setItem(key, value);
  } catch (error) {
    // It holds for this page.
  }
}

export class Chat {
  #root;
  #panel;
  #button;
  #send;
  #chat;
  #room = null;
  #isOpen = remembered(OPEN_KEY) === "yes";
  #isFresh = true;
  #sent = new Map();
  #count = 0;
  #seenKey;

  /**
   * @param {Element} root holds [data-chat], the panel, and [data-chat-button]
   * @param {string} seriesId
   * @param {function(object): boolean} sendCommand puts a command on the game's connection; whether there is one
   */
  constructor(root, seriesId, sendCommand) {
    this.#root = root;
    this.#panel = root.querySelector("[data-chat]");
    this.#button = root.querySelector("[data-chat-button]");
    this.#send = sendCommand;
    this.#seenKey = (room) => `chat-seen:${seriesId}:${room}`;
    const seen = ROOMS.map((room) => [room, remembered(this.#seenKey(room))]).filter(([, number]) => number !== null);
    this.#chat = startingChat(Object.fromEntries(seen.map(([room, number]) => [room, Number(number)])));
    this.#wire();
  }

  get #myName() {
    return document.body.dataset.username ?? "";
  }

  #wire() {
    this.#button.addEventListener("click", () => this.#show(!this.#isOpen));
    this.#panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.target.closest("[popover]")) this.#show(false);
    });
    this.#panel.addEventListener("click", (event) => this.#press(event.target.closest("[data-chat-do], [data-preset]")));
    this.#panel.addEventListener("change", (event) => {
      if (event.target.name === "chat-room") this.#choose(event.target.value);
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#sayText();
    });
    this.#field.addEventListener("input", () => {
      this.#tell("");
      this.#drawLength();
    });
    wirePersonMenu(this.#panel, (sentence) => this.#tell(sentence));
  }

  get #form() {
    return this.#panel.querySelector("form");
  }

  get #field() {
    return this.#form.querySelector("input");
  }

  /** A new connection: the next `chat` is of one's own room. */
  connectionChanged() {
    this.#isFresh = true;
  }

  /** Takes in an event of the game's connection. @returns {boolean} whether it was of the chat alone */
  take(event) {
    if (event.type === "error") return this.#refused(event);
    if (event.type !== "chat" && event.type !== "said") return false;
    this.#chat = reduceChat(this.#chat, event, this.#isFresh && event.type === "chat");
    if (event.type === "chat") this.#isFresh = false;
    if (event.type === "said" && event.name === this.#myName) this.#settle([...this.#sent.keys()][0]);
    if (!this.#chat.rooms[this.#room]) this.#room = this.#chat.own;
    this.#draw();
    return true;
  }

  #press(element) {
    if (!element) return;
    const { chatDo, preset } = element.dataset;
    if (preset) this.#say({ preset });
    else if (chatDo === "close") this.#show(false);
    else this.#switch(chatDo === "off");
  }

  #show(isOpen) {
    this.#isOpen = isOpen;
    remember(OPEN_KEY, isOpen ? "yes" : "no");
    this.#draw();
    if (!isOpen) this.#button.focus();
    // A field in focus would bring up the keyboard of a phone, over half of what one wants to read.
    else (this.#form.hidden || matchMedia("(pointer: coarse)").matches ? this.#log : this.#field).focus();
  }

  get #log() {
    return this.#panel.querySelector("[role=log]");
  }

  #choose(room) {
    this.#room = room;
    this.#draw();
  }

  async #switch(isOff) {
    const isDone = await send(this.#panel.dataset.switchAddress, { chat: isOff ? "off" : "on" });
    this.#tell(isDone ? "" : "The server doesn't answer. Try again.");
  }

  // --- saying -----------------------------------------------------------------------------------------------------

  #sayText() {
    const text = this.#field.value.trim();
    const over = lengthOf(text) - MOST_CHARACTERS;
    if (!text) return;
    if (over > 0) this.#tell(`${over} ${over === 1 ? "character" : "characters"} too many.`);
    else if (this.#say({ text })) {
      this.#field.value = "";
      this.#drawLength();
    }
  }

  #say(words) {
    this.#count += 1;
    const id = `say-${this.#count}`;
    if (!this.#send({ type: "say", ...words, id })) {
      this.#tell("Not connected. Try again in a moment.");
      return false;
    }
    this.#tell("");
    const timer = setTimeout(() => this.#failed(id, REFUSALS.rate_limited), ANSWER_DUE_MS);
    this.#sent.set(id, { ...words, timer });
    return true;
  }

  #settle(id) {
    clearTimeout(this.#sent.get(id)?.timer);
    this.#sent.delete(id);
  }

  #refused({ id, code, message }) {
    if (!this.#sent.has(id)) return false;
    this.#failed(id, REFUSALS[code] ?? message);
    return true;
  }

  /** What was not taken stands in the field again, unless something else does by now. */
  #failed(id, sentence) {
    const { text } = this.#sent.get(id);
    this.#settle(id);
    this.#tell(sentence);
    if (text && !this.#field.value) this.#field.value = text;
    this.#drawLength();
  }

  // --- drawing ----------------------------------------------------------------------------------------------------

  #tell(sentence) {
    this.#panel.querySelector("[data-chat-note]").textContent = sentence;
  }

  #drawLength() {
    const length = lengthOf(this.#field.value.trim());
    this.#panel.querySelector("[data-chat-left]").textContent = length < SHOWN_FROM ? "" : String(MOST_CHARACTERS - length);
  }

  #draw() {
    const room = this.#chat.rooms[this.#room];
    const hasChat = room !== undefined;
    this.#button.hidden = !hasChat;
    this.#panel.hidden = !hasChat || !this.#isOpen;
    this.#root.classList.toggle("chat-open", !this.#panel.hidden);
    if (!hasChat) return;
    if (this.#isOpen) this.#markSeen();
    this.#drawRooms();
    this.#drawButton();
    this.#drawForm(this.#chat.rooms[this.#room]);
  }

  #markSeen() {
    this.#chat = reduceChat(this.#chat, { type: "seen", room: this.#room });
    remember(this.#seenKey(this.#room), this.#chat.rooms[this.#room].seen);
  }

  #drawRooms() {
    const readable = ROOMS.filter((room) => this.#chat.rooms[room]);
    this.#panel.querySelector("[data-chat-rooms]").hidden = readable.length < 2;
    this.#panel.querySelector("[data-chat-title]").hidden = readable.length > 1;
    this.#panel.querySelector("[data-chat-title]").textContent = this.#chat.own === "spectators" ? "Spectators’ chat" : "Chat";
    ROOMS.forEach((room) => {
      const list = this.#panel.querySelector(`[data-room="${room}"]`);
      list.hidden = room !== this.#room;
      drawLines(list, this.#chat.rooms[room]?.lines ?? [], this.#myName);
      this.#panel.querySelector(`input[value="${room}"]`).checked = room === this.#room;
    });
  }

  #drawButton() {
    const rooms = ROOMS.filter((room) => this.#chat.rooms[room]);
    const count = rooms.reduce((sum, room) => sum + unread(this.#chat, room, this.#myName), 0);
    this.#button.setAttribute("aria-expanded", String(this.#isOpen));
    this.#button.setAttribute("aria-label", count ? `Chat, ${count} unread` : "Chat");
    const mark = this.#button.querySelector("[data-unread]");
    mark.hidden = count === 0;
    mark.textContent = count > 9 ? "9+" : String(count);
  }

  /** What may be said is said in one's own room alone. */
  #drawForm({ may, off, lines }) {
    const isOwn = this.#room === this.#chat.own;
    this.#form.hidden = !isOwn || may !== "text";
    this.#panel.querySelector("[data-presets]").hidden = !isOwn || may === null;
    this.#panel.dataset.may = may ?? "nothing";
    const standing = this.#standing(isOwn, may, off, lines);
    this.#panel.querySelectorAll("[data-chat-if]").forEach((element) => {
      element.hidden = !standing.includes(element.dataset.chatIf);
    });
    this.#panel.querySelector('[data-chat-do="off"]').hidden = off || !this.#myName || !this.#panel.dataset.switchAddress;
  }

  /** Which sentences stand for what isn't there. */
  #standing(isOwn, may, off, lines) {
    if (off) return ["off"];
    const isNobody = isOwn && may === null && !this.#myName;
    return [...(isNobody ? ["nobody"] : []), ...(lines.length ? [] : ["empty"])];
  }
}
