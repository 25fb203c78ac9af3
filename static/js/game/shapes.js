/** The board's geometry and the shapes that it is made of. Lengths are SVG user units: a cell is 100 by 100. */

export const COLUMNS = 7;
export const ROWS = 6;
export const CELL = 100;
const HOLE_RADIUS = 40;
const DISC_RADIUS = 44; // wider than its hole, so that no seam shows
const FRAME = 14;
const HOVER_HEIGHT = 96;

/** The drawing with room above the plate for the hovering disc: a square. */
export const BOARD_VIEW = `${-FRAME} ${-FRAME - HOVER_HEIGHT} ${COLUMNS * CELL + 2 * FRAME} ${ROWS * CELL + 2 * FRAME + HOVER_HEIGHT}`;
export const SMALL_VIEW = `${-FRAME} ${-FRAME} ${COLUMNS * CELL + 2 * FRAME} ${ROWS * CELL + 2 * FRAME}`;
export const HOVER_Y = -FRAME - HOVER_HEIGHT / 2;

export function centreX(column) {
  return column * CELL + CELL / 2;
}

export function centreY(row) {
  return (ROWS - 1 - row) * CELL + CELL / 2;
}

/** An SVG element with its attributes and children. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  element.append(...children);
  return element;
}

export function circleAt(column, row, radius, attributes) {
  return svg("circle", { cx: centreX(column), cy: centreY(row), r: radius, ...attributes });
}

/** All cells, bottom row first. */
export function everyCell(make) {
  return Array.from({ length: ROWS * COLUMNS }, (_, index) => make(index % COLUMNS, Math.floor(index / COLUMNS)));
}

export function plateRectangle(className) {
  return svg("rect", {
    class: className, x: -FRAME, y: -FRAME, width: COLUMNS * CELL + 2 * FRAME, height: ROWS * CELL + 2 * FRAME, rx: 28,
  });
}

/** The plate with its 42 holes, as one path. */
export function plateWithHoles() {
  const right = COLUMNS * CELL + FRAME;
  const bottom = ROWS * CELL + FRAME;
  const corner = 28;
  const outline = `M${-FRAME + corner} ${-FRAME}H${right - corner}a${corner} ${corner} 0 0 1 ${corner} ${corner}`
    + `V${bottom - corner}a${corner} ${corner} 0 0 1 ${-corner} ${corner}H${-FRAME + corner}`
    + `a${corner} ${corner} 0 0 1 ${-corner} ${-corner}V${-FRAME + corner}a${corner} ${corner} 0 0 1 ${corner} ${-corner}z`;
  const holes = everyCell((column, row) =>
    `M${centreX(column) - HOLE_RADIUS} ${centreY(row)}a${HOLE_RADIUS} ${HOLE_RADIUS} 0 1 0 ${2 * HOLE_RADIUS} 0`
    + `a${HOLE_RADIUS} ${HOLE_RADIUS} 0 1 0 ${-2 * HOLE_RADIUS} 0z`);
  return svg("path", { class: "board-plate", "fill-rule": "evenodd", d: outline + holes.join("") });
}

/** The shadow that the plate casts into each hole. One gradient a page: the large board's. */
export function holeShade() {
  const stops = [
    svg("stop", { class: "board-shade-middle", offset: "0.78" }),
    svg("stop", { class: "board-shade-edge", offset: "1" }),
  ];
  return svg("defs", {}, svg("radialGradient", { id: "hole-shade", cx: 0.5, cy: 0.54, r: 0.5 }, ...stops));
}

export function rim(column, row) {
  const shade = circleAt(column, row, HOLE_RADIUS, { fill: "url(#hole-shade)" });
  return svg("g", {}, shade, circleAt(column, row, HOLE_RADIUS, { class: "board-rim" }));
}

/** A disc around (0, 0): a ring for participant 1, a solid core for participant 2. */
export function disc(participant) {
  return svg("g", { class: `disc disc-${participant}` },
    svg("circle", { class: "disc-body", r: DISC_RADIUS }),
    svg("circle", { class: "disc-mark", r: participant === 1 ? 20 : 13 }));
}

export function placeAt(element, column, y) {
  element.setAttribute("transform", `translate(${centreX(column)} ${y})`);
}

export function holeRing(column, row, className) {
  return circleAt(column, row, HOLE_RADIUS - 1, { class: className });
}

/** A cell that is good to play: two rings, as nothing else on the board has. */
export function goodCell(column, row) {
  return svg("g", { class: "best-mark" }, circleAt(column, row, HOLE_RADIUS - 6, {}), circleAt(column, row, HOLE_RADIUS - 18, {}));
}
