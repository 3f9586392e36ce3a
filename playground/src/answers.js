// What the network answers: a plane, the few patterns one by one, or digits it has not seen.

import { classOf } from "./diagnosis.js";
import { classColour, colours, drawPixels, patternColour, prepare, rgb } from "./look.js";
import { painter } from "./diagram.js";

export const GRID = 64; // points along each side of the plane
const FAINT = 0.16, FULL = 0.62; // how strong a colour is at a toss-up, and where it is sure
const MARGIN = 0.08;

/** The square that the patterns of a plane lie in, with a margin. */
export function limitsOf(data) {
  let low = Infinity, high = -Infinity;
  for (const number of data.inputs) {
    low = Math.min(low, number);
    high = Math.max(high, number);
  }
  const margin = MARGIN * (high - low);
  return [low - margin, high + margin];
}

/** Inputs of a grid over the plane, row by row from the top, (size² × 2). */
export function gridOf(data, size) {
  const [low, high] = limitsOf(data), inputs = new Float64Array(2 * size * size);
  const at = (k) => low + ((high - low) * (k + 0.5)) / size;
  for (let row = 0, k = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      inputs[k++] = at(column);
      inputs[k++] = at(size - 1 - row);
    }
  return inputs;
}

export function drawPlane(canvas, data, answers) {
  const { context, width, height } = prepare(canvas);
  const [low, high] = limitsOf(data), side = Math.min(width, height), left = (width - side) / 2;
  const [zero, one, paper, none] = [classColour(0), classColour(1), colours().paper, colours().ghost].map(rgb);
  drawPixels(context, GRID, GRID, (k, pixels, at) => {
    const lean = 2 * answers[k] - 1, sound = Number.isFinite(lean);
    const end = !sound ? none : lean > 0 ? one : zero;
    const strength = sound ? FAINT + (FULL - FAINT) * Math.min(1, Math.abs(lean)) : 1;
    for (let part = 0; part < 3; part++) pixels[at + part] = paper[part] + strength * (end[part] - paper[part]);
    pixels[at + 3] = 255;
  }, left, 0, side, side);
  const spot = (value) => ((value - low) / (high - low)) * side;
  for (let p = 0; p < data.patterns; p++) {
    context.beginPath();
    context.arc(left + spot(data.inputs[2 * p]), side - spot(data.inputs[2 * p + 1]), 2.7, 0, 7);
    context.fillStyle = classColour(data.targets[p] > 0.5 ? 1 : 0);
    context.fill();
    context.strokeStyle = "#fff";
    context.lineWidth = 0.8;
    context.stroke();
  }
}

export function drawOutputs(canvas, data, answers) {
  const { context, width, height } = prepare(canvas);
  const side = Math.min(width, height), left = 24, bottom = height - 22, top = 12;
  const most = Math.max(1, ...[...answers].filter(Number.isFinite)), least = Math.min(0, ...[...answers].filter(Number.isFinite));
  const y = (value) => bottom - ((value - least) / (most - least)) * (bottom - top);
  const x = (p) => left + ((p + 0.5) / data.patterns) * (width - left - 6);
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const value of [0, 0.5, 1]) {
    context.strokeStyle = colours().grid;
    context.beginPath();
    context.moveTo(left, y(value));
    context.lineTo(width, y(value));
    context.stroke();
    context.fillStyle = colours().ghost;
    context.fillText(String(value), 10, y(value));
  }
  const step = (width - left) / data.patterns, bar = Math.min(13, step * 0.36);
  for (let p = 0; p < data.patterns; p++) {
    const wanted = data.targets[p], given = Number.isFinite(answers[p]) ? answers[p] : 0.5;
    context.strokeStyle = patternColour(p);
    context.lineWidth = 2;
    context.beginPath();
    context.moveTo(x(p), y(wanted));
    context.lineTo(x(p), y(given));
    context.stroke();
    context.strokeStyle = colours().ink;
    context.lineWidth = 2.5;
    context.beginPath();
    context.moveTo(x(p) - bar, y(wanted));
    context.lineTo(x(p) + bar, y(wanted));
    context.stroke();
    context.fillStyle = patternColour(p);
    context.beginPath();
    context.arc(x(p), y(given), Math.min(6.5, side / 30), 0, 7);
    context.fill();
    context.fillStyle = colours().ink;
    context.fillText(data.labels[p]?.split(" ").at(-1) ?? p, x(p), height - 8);
  }
}

export const DIGITS_SHOWN = 36;

/** Held-out digits, each with what the network takes it for; the wrong ones are framed. */
export function drawDigits(canvas, data, answers) {
  const { context, width, height } = prepare(canvas);
  const columns = 6, rows = DIGITS_SHOWN / columns;
  const cell = Math.min(width / columns, height / rows), left = (width - cell * columns) / 2;
  const [paper, ink] = [colours().paper, colours().ink].map(rgb);
  context.font = `600 ${Math.round(cell * 0.34)}px system-ui, sans-serif`;
  context.textAlign = "right";
  context.textBaseline = "bottom";
  for (let p = 0; p < DIGITS_SHOWN; p++) {
    const x = left + (p % columns) * cell, y = Math.floor(p / columns) * cell;
    drawPixels(context, 8, 8, (k, pixels, at) => {
      const dark = data.heldOutInputs[64 * p + k];
      for (let part = 0; part < 3; part++) pixels[at + part] = paper[part] + 0.55 * dark * (ink[part] - paper[part]);
      pixels[at + 3] = 255;
    }, x + 2, y + 2, cell - 4, cell - 4);
    const said = classOf(answers, p, 10), wrong = said !== classOf(data.heldOutTargets, p, 10);
    context.fillStyle = wrong ? colours().accent : colours().held_out;
    context.fillText(said, x + cell - 2, y + cell);
    if (wrong) {
      context.strokeStyle = colours().accent;
      context.lineWidth = 1.5;
      context.strokeRect(x + 1, y + 1, cell - 2, cell - 2);
    }
  }
}

/** A hundred seeds as dots, in the order of their numbers. ends: updates, -1 not learned, -2 diverged. */
export function drawSeeds(canvas, ends, budget, columns = 20) {
  const { context, width, height } = prepare(canvas);
  const rows = Math.ceil(100 / columns), cell = Math.min(width / columns, (height - 10) / rows);
  const left = (width - cell * columns) / 2, top = (height - cell * rows) / 2;
  ends.forEach((end, k) => {
    const x = left + ((k % columns) + 0.5) * cell, y = top + (Math.floor(k / columns) + 0.5) * cell;
    context.beginPath();
    context.arc(x, y, cell * 0.36, 0, 7);
    context.fillStyle = end > 0 ? shade(end, budget) : colours().missing;
    context.fill();
    if (end !== -2) return;
    context.strokeStyle = colours().ink;
    context.lineWidth = 1.2;
    const r = cell * 0.16;
    context.beginPath();
    context.moveTo(x - r, y - r);
    context.lineTo(x + r, y + r);
    context.moveTo(x + r, y - r);
    context.lineTo(x - r, y + r);
    context.stroke();
  });
  return { left, top, cell, columns };
}

/** Updates until learned as a colour: the darker, the longer. */
export function shade(updates, budget) {
  const share = Math.min(1, Math.max(0, Math.log10(updates / 10) / Math.log10(budget / 10)));
  const [from, to] = [colours().paper, colours().choices[0]].map(rgb);
  const strength = 0.12 + 0.88 * share;
  return `rgb(${from.map((part, k) => Math.round(part + strength * (to[k] - part))).join()})`;
}

export { painter };
