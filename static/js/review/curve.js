/** The geometry of the graph of who was winning. Pure; lengths are pixels, y grows downwards. */
import { heightOf } from "./scores.js";

const MARGIN = 10; // so that marks at the first and the last ply are whole

/**
 * Where a ply lies from left to right.
 *
 * @param {number} ply 0 for the start
 * @param {number} plies of the whole game, at least 1
 * @param {number} width of the graph
 */
export function xOf(ply, plies, width) {
  return MARGIN + ((width - 2 * MARGIN) * ply) / plies;
}

/** Where a score of participant 1 lies: its wins above the middle. */
export function yOf(score, height) {
  return height / 2 - heightOf(score) * (height / 2 - MARGIN);
}

/** The ply nearest to a place from left to right. */
export function plyAt(x, plies, width) {
  const ply = Math.round(((x - MARGIN) * plies) / (width - 2 * MARGIN));
  return Math.max(0, Math.min(plies, ply));
}

/**
 * The line through all scores that are known, and the area between it and the middle, as SVG paths.
 *
 * @param {(number|null)[]} course as `courseOf` gives it
 * @returns {{line: string, area: string}} empty where nothing is known
 */
export function pathsOf(course, width, height) {
  const plies = course.length - 1;
  const points = course.flatMap((score, ply) => (score === null ? [] : [[xOf(ply, plies, width), yOf(score, height)]]));
  if (!points.length) return { line: "", area: "" };
  const line = `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`;
  const [start, end] = [points[0][0].toFixed(1), points.at(-1)[0].toFixed(1)];
  return { line, area: `${line}L${end} ${height / 2}L${start} ${height / 2}Z` };
}
