// The network as a diagram: units in columns, a line a weight. A unit shows what it answers.

import { classColour, colours, drawPixels, prepare, rgb, roundedPath, unitColour } from "./look.js";

const MOST_UNITS = 12; // of a layer that are drawn
export const FINE = 18; // points along a side of a unit's picture
const WIDEST = 5;

/** Numbers of the units that are drawn, evenly among all. */
export const chosen = (count) =>
  count <= MOST_UNITS
    ? Array.from({ length: count }, (_, k) => k)
    : Array.from({ length: MOST_UNITS }, (_, k) => Math.round((k * (count - 1)) / (MOST_UNITS - 1)));

/** Where layers and units stand, in CSS pixels; the buttons above the layers need it too. */
export function layOut(layers, width, height) {
  const columns = layers.map(chosen), top = 26;
  const largest = Math.max(...columns.map((units) => units.length));
  const side = Math.max(10, Math.min(44, (height - top) / largest - 7));
  const left = side / 2 + 30, right = width - side / 2 - 12;
  const x = layers.map((_, k) => left + ((right - left) * k) / (layers.length - 1));
  const y = columns.map((units) =>
    units.map((_, k) => top + ((height - top) * (k + 0.5)) / units.length));
  return { columns, side, x, y };
}

/**
 * scene: {layers, shapes, weights, pictures, inputNames}. pictures[layer] is null or {size, rows,
 * values(unit) → a list of numbers, low, high}.
 */
export function drawNetwork(canvas, scene) {
  const { context, width, height } = prepare(canvas);
  const place = layOut(scene.layers, width, height);
  drawWeights(context, scene, place);
  scene.layers.forEach((_, layer) => {
    place.columns[layer].forEach((unit, k) =>
      drawUnit(context, scene, place, layer, unit, place.x[layer], place.y[layer][k]));
    const all = scene.layers[layer], shown = place.columns[layer].length;
    if (all > shown) {
      context.fillStyle = colours().ghost;
      context.font = "10px system-ui, sans-serif";
      context.textAlign = "center";
      context.fillText(`${shown} / ${all}`, place.x[layer], 12);
    }
  });
}

function drawWeights(context, { shapes, weights }, { columns, side, x, y }) {
  const most = weights.reduce((a, w) => (Number.isFinite(w) ? Math.max(a, Math.abs(w)) : a), 1e-9);
  const { positive, negative } = colours();
  let at = 0;
  context.lineCap = "round";
  shapes.forEach(([rows, n], layer) => {
    const [from, to] = [x[layer] + side / 2, x[layer + 1] - side / 2], middle = (from + to) / 2;
    const crowd = Math.min(1, 40 / (columns[layer].length * columns[layer + 1].length));
    columns[layer + 1].forEach((target, k) => {
      columns[layer].forEach((source, j) => {
        const w = weights[at + source * n + target];
        const size = Number.isFinite(w) ? Math.min(1, Math.abs(w) / most) : 1;
        context.strokeStyle = w > 0 ? positive : negative;
        context.globalAlpha = 0.25 + 0.6 * size * Math.max(0.5, crowd);
        context.lineWidth = 0.4 + (WIDEST - 0.4) * size;
        context.beginPath();
        context.moveTo(from, y[layer][j]);
        context.bezierCurveTo(middle, y[layer][j], middle, y[layer + 1][k], to, y[layer + 1][k]);
        context.stroke();
      });
      const bias = weights[at + (rows - 1) * n + target];
      const dot = 2 + 4 * Math.min(1, Math.abs(bias) / most);
      context.globalAlpha = 1;
      context.fillStyle = bias > 0 ? positive : negative;
      if (side >= 16) context.fillRect(to - 3 - dot / 2, y[layer + 1][k] + side / 2 - dot / 2, dot, dot);
    });
    at += rows * n;
  });
  context.globalAlpha = 1;
}

function drawUnit(context, scene, place, layer, unit, x, y) {
  const { side } = place, picture = scene.pictures[layer], half = side / 2, radius = side * 0.22;
  const hidden = layer > 0 && layer < scene.layers.length - 1;
  context.save();
  roundedPath(context, x - half, y - half, side, side, radius);
  context.fillStyle = picture ? colours().paper : hidden ? unitColour(unit) : colours().paper;
  context.fill();
  if (picture) {
    context.clip();
    const paint = painter(picture.values(unit), picture.low, picture.high);
    drawPixels(context, picture.size, picture.rows, paint, x - half, y - half, side, side, picture.smooth);
  }
  context.restore();
  roundedPath(context, x - half, y - half, side, side, radius);
  context.strokeStyle = hidden ? unitColour(unit) : colours().ink;
  context.lineWidth = hidden ? 2 : 1;
  context.stroke();
  const name = scene.inputNames?.[unit];
  context.fillStyle = colours().ink;
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.textAlign = "right";
  if (layer === 0 && name && side >= 12) context.fillText(name, x - half - 6, y);
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
