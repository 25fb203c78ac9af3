// Connect Four on an array of 42 cells, row 0 at the bottom: what a move does, and whether it won.

export const COLUMNS = 7;
export const ROWS = 6;

/** The row where a disc lands, or -1 where the column is full or none. */
export function landingRow(cells, column) {
  for (let row = 0; row < ROWS; row++) if (cells[row * COLUMNS + column] === 0) return row;
  return -1;
}

/** Whether the disc at a cell stands in a line of four. */
export function hasFour(cells, column, row) {
  const disc = cells[row * COLUMNS + column];
  return [[1, 0], [0, 1], [1, 1], [1, -1]].some(
    ([across, up]) => 1 + run(cells, column, row, across, up, disc) + run(cells, column, row, -across, -up, disc) >= 4,
  );
}

function run(cells, column, row, across, up, disc) {
  let length = 0;
  for (;;) {
    column += across;
    row += up;
    if (column < 0 || column >= COLUMNS || row < 0 || row >= ROWS || cells[row * COLUMNS + column] !== disc) return length;
    length++;
  }
}
