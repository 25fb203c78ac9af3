/** Time controls in words: the same as `games/records/words.py` writes them. */

const SPEEDS = { bullet: "Bullet", blitz: "Blitz", rapid: "Rapid", correspondence: "By days", untimed: "No clock" };

/**
 * A time control, such as "1 min + 1 s", "3 days a move" or "no clock".
 *
 * @param {object|null} control as the protocol writes it
 */
export function timeControlWords(control) {
  if (control === null) return "no clock";
  if (control.daysPerMove) return `${control.daysPerMove} ${control.daysPerMove > 1 ? "days" : "day"} a move`;
  const [minutes, seconds] = [Math.floor(control.initial / 60), control.initial % 60];
  const words = [minutes ? `${minutes} min` : "", seconds ? `${seconds} s` : ""].filter(Boolean).join(" ");
  return control.increment ? `${words} + ${control.increment} s` : words;
}

/** Speed and time control of a game, such as "Blitz · 1 min + 1 s"; "No clock" for untimed ones. */
export function paceWords({ speed, timeControl }) {
  return timeControl === null ? SPEEDS.untimed : `${SPEEDS[speed] ?? speed} · ${timeControlWords(timeControl)}`;
}
