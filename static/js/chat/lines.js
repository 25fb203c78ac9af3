/** One room's lines as list items. Text is only ever set as text, and each line keeps its direction to itself. */
import { shownTime } from "../site/times.js";

function make(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** A name; a button for what can be done about somebody else. A program's account is named so. */
function makeName(name, isMine, isBot) {
  const element = make(isMine ? "span" : "button", "chat-name");
  if (!isMine) {
    element.type = "button";
    element.dataset.person = name;
    element.title = "Profile, hide, report";
  }
  const isolated = document.createElement("bdi");
  isolated.textContent = name;
  element.append(isolated);
  if (isBot) element.append(" ", make("span", "badge", "bot"));
  return element;
}

function makeLine({ number, name, text, at, bot }, myName) {
  const item = make("li", "chat-line");
  item.dataset.number = number;
  item.title = shownTime(new Date(at), "both");
  const words = document.createElement("bdi");
  words.className = "chat-text";
  words.dir = "auto";
  words.textContent = text;
  item.append(makeName(name, name === myName, bot), make("span", "visually-hidden", ": "), words);
  return item;
}

/**
 * Brings a list to what a room has: lines that stay are not touched, so a screen reader hears only what is new.
 *
 * @param {Element} list
 * @param {object[]} lines in their order
 * @param {string} myName
 */
export function drawLines(list, lines, myName) {
  const wanted = new Set(lines.map(({ number }) => String(number)));
  const shown = new Map([...list.children].map((item) => [item.dataset.number, item]));
  shown.forEach((item, number) => { if (!wanted.has(number)) item.remove(); });
  lines.forEach((line, index) => {
    const item = shown.get(String(line.number)) ?? makeLine(line, myName);
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
  });
}
