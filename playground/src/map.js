// The map of outcomes: learning rate across, scale of the start up, updates until learned as colour.

import { shade } from "./answers.js";
import { colours, prepare } from "./look.js";

export const COLUMNS = 16, ROWS = 12, BUDGET = 100_000;
const LEFT = 34, BOTTOM = 20;
const spaced = (low, high, count) => Array.from({ length: count }, (_, k) =>
  Number((10 ** (low + (k * (high - low)) / (count - 1))).toPrecision(3)));
export const MAP_RATES = spaced(-2, Math.log10(50), COLUMNS);
export const MAP_SCALES = spaced(-1, 1, ROWS);

export const cellOf = (number) => [number % COLUMNS, Math.floor(number / COLUMNS)];

/** cells: Map of a cell's number to updates, Infinity where it was not learned; here: {rate, scale}. */
export function drawMap(canvas, cells, here, pins) {
  const { context, width, height } = prepare(canvas);
  const w = (width - LEFT - 6) / COLUMNS, h = (height - BOTTOM - 4) / ROWS;
  for (let number = 0; number < COLUMNS * ROWS; number++) {
    const [column, row] = cellOf(number), known = nearest(cells, column, row);
    if (known === undefined) continue;
    context.globalAlpha = cells.has(number) ? 1 : 0.75; // a guess, from a coarser map
    context.fillStyle = Number.isFinite(known) ? shade(known, BUDGET) : colours().missing;
    const [left, right] = [column, column + 1].map((k) => Math.round(LEFT + k * w));
    const [top, bottom] = [ROWS - 1 - row, ROWS - row].map((k) => Math.round(4 + k * h));
    context.fillRect(left, top, right - left, bottom - top); // whole pixels leave no seams
  }
  context.globalAlpha = 1;
  context.strokeStyle = colours().grid;
  context.strokeRect(LEFT, 4, COLUMNS * w, ROWS * h);
  context.fillStyle = colours().ink;
  context.font = "10.5px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.textAlign = "center";
  const share = (value, low, high) => (Math.log10(value) - low) / (high - low);
  const x = (rate) => LEFT + (share(rate, -2, Math.log10(50)) * (COLUMNS - 1) + 0.5) * w;
  const y = (scale) => 4 + (ROWS - 0.5 - share(scale, -1, 1) * (ROWS - 1)) * h;
  for (const rate of [0.01, 0.1, 1, 10]) context.fillText(rate, x(rate), height - BOTTOM / 2 + 2);
  context.textAlign = "right";
  for (const scale of [0.1, 1, 10]) context.fillText(scale, LEFT - 6, y(scale));
  const ring = (at, colour, size) => {
    context.strokeStyle = colour;
    context.lineWidth = 2.5;
    context.beginPath();
    context.arc(x(at.rate), y(at.scale), size, 0, 7);
    context.stroke();
  };
  for (const pin of pins) ring(pin, colours().ghost, 5);
  ring(here, colours().accent, 7);
}

/** What is known of a cell, or of the block of cells that a coarser map takes it for. */
function nearest(cells, column, row) {
  for (let size = 1; size <= COLUMNS; size *= 2) {
    const block = Math.floor(row / size) * size * COLUMNS + Math.floor(column / size) * size;
    if (cells.has(block)) return cells.get(block);
  }
  return undefined;
}

/** The number of the cell nearest to a learning rate and a scale. */
export function cellFor(rate, scale) {
  const closest = (list, value) => list.reduce((best, each, k) =>
    Math.abs(Math.log(each / value)) < Math.abs(Math.log(list[best] / value)) ? k : best, 0);
  return closest(MAP_SCALES, scale) * COLUMNS + closest(MAP_RATES, rate);
}

/** The number of the cell at a place of the canvas, or null. */
export function cellAt(canvas, x, y) {
  const w = (canvas.clientWidth - LEFT - 6) / COLUMNS, h = (canvas.clientHeight - BOTTOM - 4) / ROWS;
  const column = Math.floor((x - LEFT) / w), row = ROWS - 1 - Math.floor((y - 4) / h);
  return column >= 0 && column < COLUMNS && row >= 0 && row < ROWS ? row * COLUMNS + column : null;
}
