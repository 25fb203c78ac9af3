/** What moves on the board: a falling disc, and four that light up. Nothing does where less motion is wanted. */
import { CELL } from "./shapes.js";

const SHORTEST_FALL_MS = 250;
const LONGEST_FALL_MS = 450;
const LONGEST_FALL = 6.5 * CELL;
const BOUNCE_HEIGHT = 0.05; // of the fall
const BOUNCE_FROM = 0.72; // of the duration
const LIGHT_EVERY_MS = 160;

const lessMotion = matchMedia("(prefers-reduced-motion: reduce)");

// Both are exact: t squared for what gravity speeds up, and its mirror image for what it slows down.
const SPEEDING_UP = "cubic-bezier(0.333, 0, 0.667, 0.333)";
const SLOWING_DOWN = "cubic-bezier(0.333, 0.667, 0.667, 1)";

/** How long a disc falls, in milliseconds: the square root of the height, as gravity has it, within bounds. */
export function fallDuration(height) {
  const share = Math.sqrt(Math.min(height / LONGEST_FALL, 1));
  return Math.max(SHORTEST_FALL_MS, Math.round(LONGEST_FALL_MS * share));
}

/**
 * Lets an element fall into the place where it is drawn, with one small bounce.
 *
 * @param {Element} element
 * @param {number} height from how far above, in user units
 * @returns {number} milliseconds until it lies still
 */
export function fall(element, height) {
  if (lessMotion.matches) return 0;
  const duration = fallDuration(height);
  element.animate([
    { transform: `translateY(${-height}px)`, easing: SPEEDING_UP, offset: 0 },
    { transform: "translateY(0)", easing: SLOWING_DOWN, offset: BOUNCE_FROM },
    { transform: `translateY(${-height * BOUNCE_HEIGHT}px)`, easing: SPEEDING_UP, offset: (1 + BOUNCE_FROM) / 2 },
    { transform: "translateY(0)", offset: 1 },
  ], { duration });
  return duration;
}

/** Lights elements up one after another, the first after `delay` milliseconds. */
export function lightUp(elements, delay) {
  if (lessMotion.matches) return;
  elements.forEach((element, index) => {
    element.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 200, delay: delay + index * LIGHT_EVERY_MS, fill: "backwards" });
  });
}
