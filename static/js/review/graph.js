/** The graph of who was winning, ply by ply, which is also a slider: by mouse, by touch and by keys. */
import { svg } from "../game/shapes.js";
import { pathsOf, plyAt, xOf, yOf } from "./curve.js";
import { isError } from "./scores.js";

const MARK = 5;
const LEAP = 6;
const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -LEAP, PageUp: LEAP, Home: -Infinity, End: Infinity };

/** Above the line a mistake is a triangle and a blunder a diamond, so that they differ by more than colour. */
const SHAPES = {
  mistake: `M0 ${-MARK}L${MARK} ${MARK}H${-MARK}Z`,
  blunder: `M0 ${-MARK - 1}L${MARK + 1} 0L0 ${MARK + 1}L${-MARK - 1} 0Z`,
};

export class Graph {
  #listener;
  #view = null;
  #size = [0, 0];
  #cursor = svg("line", { class: "graph-cursor" });
  #dot = svg("circle", { class: "graph-dot", r: 4.5 });

  /** @param {function(number)} listener is told the ply that was chosen */
  constructor(listener) {
    this.#listener = listener;
    this.element = svg("svg", { class: "graph", role: "slider", tabindex: 0, "aria-label": "Who was winning", "aria-valuemin": 0 });
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("pointerdown", (event) => this.#press(event));
    this.element.addEventListener("pointermove", (event) => {
      if (this.element.hasPointerCapture(event.pointerId)) this.#choose(event);
    });
    new ResizeObserver(() => this.#resized()).observe(this.element);
  }

  /**
   * @param {object} view `course`: scores as participant 1 has them; `verdicts`: of each ply; `ply`: the one that is
   *   shown; `words`: what is said of it; `names`: of both participants
   */
  draw(view) {
    const isSame = this.#view?.course === view.course && this.#view.names.join() === view.names.join();
    this.#view = view;
    this.element.setAttribute("aria-valuemax", view.course.length - 1);
    this.element.setAttribute("aria-valuenow", view.ply);
    this.element.setAttribute("aria-valuetext", view.words);
    if (!isSame) this.#drawCourse();
    this.#drawCursor();
  }

  #resized() {
    const size = [this.element.clientWidth, this.element.clientHeight];
    if (size.join() === this.#size.join()) return;
    this.#size = size;
    if (this.#view) {
      this.#drawCourse();
      this.#drawCursor();
    }
  }

  #drawCourse() {
    const [width, height] = this.#size;
    if (!width || !height) return;
    const { line, area } = pathsOf(this.#view.course, width, height);
    this.element.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.element.replaceChildren(
      svg("defs", {}, half("graph-above", 0, width, height / 2), half("graph-below", height / 2, width, height / 2)),
      svg("path", { class: "graph-area-1", d: area, "clip-path": "url(#graph-above)" }),
      svg("path", { class: "graph-area-2", d: area, "clip-path": "url(#graph-below)" }),
      svg("line", { class: "graph-middle", x1: 0, x2: width, y1: height / 2, y2: height / 2 }),
      name(this.#view.names[0], 13), name(this.#view.names[1], height - 5),
      svg("path", { class: "graph-line", d: line }), ...this.#marks(), this.#cursor, this.#dot,
    );
  }

  #marks() {
    return this.#view.verdicts.flatMap((verdict, index) => {
      if (!isError(verdict)) return [];
      const [x, y] = this.#place(index + 1);
      return [svg("path", { class: `graph-mark ${verdict}`, d: SHAPES[verdict], transform: `translate(${x} ${y})` })];
    });
  }

  #place(ply) {
    const [width, height] = this.#size;
    const { course } = this.#view;
    return [xOf(ply, course.length - 1, width), yOf(course[ply] ?? 0, height)];
  }

  #drawCursor() {
    const [x, y] = this.#place(this.#view.ply);
    Object.entries({ x1: x, x2: x, y1: 0, y2: this.#size[1] }).forEach(([key, value]) => this.#cursor.setAttribute(key, value));
    this.#dot.setAttribute("cx", x);
    this.#dot.setAttribute("cy", y);
  }

  #key(event) {
    if (!this.#view || !(event.key in STEPS) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const last = this.#view.course.length - 1;
    this.#listener(Math.max(0, Math.min(last, this.#view.ply + STEPS[event.key])));
  }

  #press(event) {
    if (!event.isPrimary || event.button !== 0) return;
    this.element.setPointerCapture(event.pointerId);
    this.#choose(event);
  }

  #choose(event) {
    const box = this.element.getBoundingClientRect();
    const ply = plyAt(event.clientX - box.left, this.#view.course.length - 1, box.width);
    if (ply !== this.#view.ply) this.#listener(ply);
  }
}

function half(id, y, width, height) {
  return svg("clipPath", { id }, svg("rect", { x: 0, y, width, height }));
}

function name(text, y) {
  const element = svg("text", { class: "graph-name", x: 6, y });
  element.textContent = text;
  return element;
}
