/** Sounds, synthesised here; off until wanted, and the wish is remembered. */

const TOO_LATE_MS = 500;

let context = null;
let wanted = false;
try {
  wanted = localStorage.getItem("sounds") === "on";
} catch (error) {
  // Storage is switched off: sounds stay off until they are wanted on this page.
}

function wantSounds(on) {
  wanted = on;
  try {
    localStorage.setItem("sounds", on ? "on" : "off");
  } catch (error) {
    // The wish holds for this page.
  }
  if (on) playSound("disc");
}

/** Whether this person wants sounds. */
export function areSoundsWanted() {
  return wanted;
}

/** Buttons with data-sound-switch and two icons turn sounds on and off; all of them always say the same. */
export function wireSoundSwitches(root) {
  const buttons = [...root.querySelectorAll("[data-sound-switch]")];
  const draw = () => buttons.forEach((button) => {
    button.setAttribute("aria-pressed", String(wanted));
    button.querySelector("[data-icon-on]").toggleAttribute("hidden", !wanted);
    button.querySelector("[data-icon-off]").toggleAttribute("hidden", wanted);
  });
  buttons.forEach((button) => button.addEventListener("click", () => {
    wantSounds(!wanted);
    draw();
  }));
  draw();
}

/** Notes of a sound: [start in seconds, frequency in hertz, length in seconds, loudness 0 to 1, wave]. */
const SOUNDS = {
  disc: [[0, 210, 0.09, 0.5, "triangle"], [0.07, 150, 0.07, 0.25, "triangle"]],
  joined: [[0, 523, 0.12, 0.35, "sine"], [0.12, 784, 0.2, 0.35, "sine"]],
  won: [[0, 523, 0.12, 0.35, "sine"], [0.12, 659, 0.12, 0.35, "sine"], [0.24, 784, 0.12, 0.35, "sine"], [0.36, 1047, 0.3, 0.35, "sine"]],
  low: [[0, 880, 0.09, 0.4, "square"], [0.16, 880, 0.09, 0.4, "square"]],
  over: [[0, 392, 0.16, 0.35, "sine"], [0.16, 330, 0.28, 0.35, "sine"]],
};

/** Plays "disc", "joined", "low", "won" or "over", if sounds are wanted and the browser lets this page make them. */
export function playSound(name) {
  if (!wanted || typeof AudioContext === "undefined") return;
  context ??= new AudioContext();
  const asked = performance.now();
  // A browser may hold sounds back until the page is touched. What comes too late is better not heard.
  context.resume().then(() => {
    if (performance.now() - asked < TOO_LATE_MS) SOUNDS[name].forEach((note) => playNote(...note));
  });
}

function playNote(start, frequency, length, loudness, wave) {
  const from = context.currentTime + start;
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.type = wave;
  oscillator.frequency.setValueAtTime(frequency, from);
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(loudness, from + 0.008);
  gain.gain.exponentialRampToValueAtTime(0.001, from + length);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(from);
  oscillator.stop(from + length);
}
