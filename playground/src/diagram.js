// The network as a diagram: units in columns, a line a weight. A unit shows what it answers.

import { classColour, colours, drawPixels, prepare, rgb, roundedPath, unitColour } from "./look.js";

const MOST_UNITS = 16; // of a layer that are drawn
const TALL = 8, PICTURED_TALL = 5; // units in one column; more stand side by side
const TOP = 26, BOTTOM = 18, LARGEST = 44;
export const FINE = 18; // points along a side of a unit's picture
const WIDEST = 5;

/** Numbers of the units that are drawn, evenly among all. */
export const chosen = (count) =>
  count <= MOST_UNITS
    ? Array.from({ length: count }, (_, k) => k)
    : Array.from({ length: MOST_UNITS }, (_, k) => Math.round((k * (count - 1)) / (MOST_UNITS - 1)));

/**
 * Where layers and units stand, in CSS pixels; the buttons above the layers need it too. A picture as
 * input is one large tile. Returns the units drawn of each layer, the side of their tiles, the
 * layers' middles, and each unit's place.
 */
export function layOut(layers, width, height, pictured = false) {
  const columns = layers.map((count, k) => (k === 0 && pictured ? [0] : chosen(count)));
  const room = height - TOP - BOTTOM;
  const tall = pictured ? PICTURED_TALL : TALL;
  const wide = columns.map((units) => Math.ceil(units.length / tall));
  const rows = columns.map((units, layer) => Math.ceil(units.length / wide[layer]));
  const side = Math.max(10, Math.min(LARGEST, room / Math.max(...rows) - 6));
  const sides = layers.map((_, k) => (k === 0 && pictured ? Math.min(84, room) : side));
  const left = sides[0] / 2 + (pictured ? 4 : 28), right = width - 12 - side / 2 - ((wide.at(-1) - 1) / 2) * (side + 8);
  const middles = layers.map((_, k) => left + ((right - left) * k) / (layers.length - 1));
  const places = columns.map((units, layer) =>
    units.map((_, k) => ({
      x: middles[layer] + (Math.floor(k / rows[layer]) - (wide[layer] - 1) / 2) * (side + 8),
      y: TOP + (room * ((k % rows[layer]) + 0.5)) / rows[layer],
    })));
  return { columns, sides, middles, places };
}

/**
 * scene: {layers, shapes, weights, pictures, inputNames}. pictures[layer] is null or {size, rows,
 * values(unit) → a list of numbers, low, high}.
 */
export function drawNetwork(canvas, scene) {
  const { context, width, height } = prepare(canvas);
  const place = layOut(scene.layers, width, height, scene.pictured);
  drawWeights(context, scene, place);
  scene.layers.forEach((all, layer) => {
    const shown = place.columns[layer].length;
    place.columns[layer].forEach((unit, k) => drawUnit(context, scene, place, layer, unit, place.places[layer][k]));
    if (all === shown || (layer === 0 && scene.pictured)) return;
    context.fillStyle = colours().ghost;
    context.font = "10px system-ui, sans-serif";
    context.textAlign = "center";
    context.fillText(`${shown} / ${all}`, place.middles[layer], height - 6);
  });
}

function drawWeights(context, { shapes, weights, pictured }, { columns, sides, places }) {
  const most = weights.reduce((a, w) => (Number.isFinite(w) ? Math.max(a, Math.abs(w)) : a), 1e-9);
  const { positive, negative, ghost } = colours();
  let at = 0;
  context.lineCap = "round";
  shapes.forEach(([rows, n], layer) => {
    const half = sides[layer] / 2, ahead = sides[layer + 1] / 2;
    const crowd = Math.min(1, 40 / (columns[layer].length * columns[layer + 1].length));
    columns[layer + 1].forEach((target, k) => {
      const end = places[layer + 1][k], to = end.x - ahead;
      columns[layer].forEach((source, j) => {
        const begin = places[layer][j], from = begin.x + half, middle = (from + to) / 2;
        const bundled = layer === 0 && pictured; // of all pixels: none has a line of its own
        const w = bundled ? 0.15 * most : weights[at + source * n + target];
        const size = Number.isFinite(w) ? Math.min(1, Math.abs(w) / most) : 1;
        context.strokeStyle = bundled ? ghost : w > 0 ? positive : negative;
        context.globalAlpha = bundled ? 0.4 : (0.25 + 0.6 * size) * Math.max(0.45, crowd);
        context.lineWidth = 0.4 + (WIDEST - 0.4) * size;
        context.beginPath();
        context.moveTo(from, begin.y);
        context.bezierCurveTo(middle, begin.y, middle, end.y, to, end.y);
        context.stroke();
      });
      const bias = weights[at + (rows - 1) * n + target];
      const dot = 2 + 4 * Math.min(1, Math.abs(bias) / most);
      context.globalAlpha = 1;
      context.fillStyle = bias > 0 ? positive : negative;
      if (ahead >= 8) context.fillRect(to - 4 - dot / 2, end.y + ahead - 3 - dot / 2, dot, dot);
    });
    at += rows * n;
  });
  context.globalAlpha = 1;
}

function drawUnit(context, scene, place, layer, unit, { x, y }) {
  const side = place.sides[layer], picture = scene.pictures[layer], half = side / 2, radius = Math.min(10, side * 0.22);
  const hidden = layer > 0 && layer < scene.layers.length - 1;
  context.save();
  roundedPath(context, x - half, y - half, side, side, radius);
  context.fillStyle = picture ? colours().paper : hidden ? unitColour(unit) : colours().paper;
  context.fill();
  if (picture) {
    context.clip();
    const paint = picture.ink ? inked(picture.values(unit)) : painter(picture.values(unit), picture.low, picture.high);
    drawPixels(context, picture.size, picture.rows, paint, x - half, y - half, side, side, picture.smooth);
  }
  context.restore();
  roundedPath(context, x - half, y - half, side, side, radius);
  context.strokeStyle = hidden ? unitColour(unit) : colours().ink;
  context.lineWidth = hidden ? 2 : 1;
  context.stroke();
  const last = layer === scene.layers.length - 1 && scene.layers[layer] > 1;
  const name = layer === 0 ? scene.inputNames?.[unit] : last ? String(unit) : undefined;
  context.fillStyle = colours().ink;
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.textAlign = last ? "center" : "right";
  if (name && side >= 12) context.fillText(name, last ? x : x - half - 6, y);
}

/** Colour numbers from paper, 0, to ink, 1. */
function inked(values) {
  const [paper, ink] = [colours().paper, colours().ink].map(rgb);
  return (k, pixels, at) => {
    for (let part = 0; part < 3; part++) pixels[at + part] = paper[part] + values[k] * (ink[part] - paper[part]);
    pixels[at + 3] = 255;
  };
}

/** Colour numbers from orange, the lowest, through paper to blue, the highest; grey if no number. */
export function painter(values, low, high) {
  const [lowest, highest, paper, none] = [classColour(0), classColour(1), colours().paper, colours().ghost].map(rgb);
  const middle = (low + high) / 2, half = (high - low) / 2 || 1;
  return (k, pixels, at) => {
    const lean = (values[k] - middle) / half;
    const end = Number.isNaN(lean) ? none : lean < 0 ? lowest : highest;
    const strength = Number.isNaN(lean) ? 1 : Math.min(1, Math.abs(lean)) * 0.85;
    for (let part = 0; part < 3; part++)
      pixels[at + part] = paper[part] + strength * (end[part] - paper[part]);
    pixels[at + 3] = 255;
  };
}
