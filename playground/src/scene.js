// What the diagram and the picture of answers show of a network at a moment.

import { DIGITS_SHOWN, GRID, drawDigits, drawOutputs, drawPlane, gridOf } from "./answers.js";
import { FINE, drawNetwork } from "./diagram.js";
import { articleOf, forEngine } from "./fields.js";
import { hiddenAnswers } from "./hidden.js";
import { colours, prepare } from "./look.js";
import { describe } from "./network.js";
import { t } from "./words.js";

const FIXED = { sigmoid: [0, 1], tanh: [-1, 1] };

export class Scene {
  constructor(engine, sets) {
    this.engine = engine;
    this.sets = sets;
    this.grids = new Map();
  }

  grid(data, size) {
    const key = `${data.name}${size}`;
    if (!this.grids.has(key)) this.grids.set(key, gridOf(data, size));
    return this.grids.get(key);
  }

  draw(canvases, plain, weights) {
    const { facts } = this.engine, data = this.sets[plain.data];
    const setting = forEngine(plain, facts), network = describe(setting, data, facts);
    const pictures = this.pictures(setting, data, weights, network);
    const names = data.nIn === 2 ? ["x₁", "x₂"] : data.nIn === 3 ? ["x₁", "x₂", "x₃"] : null;
    drawNetwork(canvases.network, {
      layers: setting.layers, shapes: network.shapes, weights: weights.subarray(0, network.weights),
      pictures, inputNames: names, pictured: data.nIn === 64,
    });
    if (data.nIn === 2)
      drawPlane(canvases.answer, data, this.engine.answers(setting, data, weights, this.grid(data, GRID)));
    else if (data.nIn === 64)
      drawDigits(canvases.answer, data,
        this.engine.answers(setting, data, weights, data.heldOutInputs.subarray(0, 64 * DIGITS_SHOWN)));
    else drawOutputs(canvases.answer, data, this.engine.answers(setting, data, weights));
  }

  /** A picture for each unit: its answer over the plane, to each pattern, or its weights to pixels. */
  pictures(setting, data, weights, network) {
    const last = setting.layers.length - 1;
    if (data.nIn === 64) {
      const [rows, units] = network.shapes[0], inner = weights.subarray(0, (rows - 1) * units);
      const most = inner.reduce((a, w) => Math.max(a, Math.abs(w)), 1e-9);
      const column = (unit) => Float64Array.from({ length: 64 }, (_, k) => inner[k * units + unit]);
      const own = { size: 8, rows: 8, values: column, low: -0.7 * most, high: 0.7 * most, smooth: true };
      const example = { size: 8, rows: 8, values: () => data.heldOutInputs.subarray(0, 64), low: -1, high: 1, smooth: false, ink: true };
      const hidden = setting.layers.length > 2;
      return setting.layers.map((_, layer) => (layer === 0 ? example : layer === 1 && hidden ? own : null));
    }
    const plane = data.nIn === 2;
    const size = plane ? FINE : 3, rows = plane ? FINE : Math.ceil(data.patterns / 3);
    const inputs = plane ? this.grid(data, FINE) : data.inputs;
    const count = inputs.length / data.nIn;
    const picture = (numbers, width, [low, high]) => ({
      size, rows, low, high, smooth: plane,
      values: (unit) => Float64Array.from({ length: size * rows }, (_, k) => (k < count ? numbers[k * width + unit] : NaN)),
    });
    const spread = (numbers) => {
      const most = numbers.reduce((a, y) => (Number.isFinite(y) ? Math.max(a, Math.abs(y)) : a), 0.5);
      return [-most, most];
    };
    return setting.layers.map((units, layer) => {
      if (layer === 0) return picture(inputs, units, plane ? spread(inputs) : [0, 1]);
      if (layer === last)
        return picture(this.engine.answers(setting, data, weights, inputs), units, FIXED[setting.output] ?? [0, 1]);
      const numbers = hiddenAnswers(this.engine, layer - 1, setting, data, weights, network, inputs);
      return picture(numbers, units, FIXED[setting.activation] ?? spread(numbers));
    });
  }

  /** The graph of an activation: what a single unit of it answers. */
  drawFunction(canvas, name) {
    const inputs = Float64Array.from({ length: 41 }, (_, k) => k / 5 - 4);
    const one = { name: "", nIn: 1, nOut: 1, patterns: inputs.length, inputs, targets: inputs };
    const plain = { ...articleOf(this.engine.facts), output: name };
    const setting = { ...forEngine(plain, this.engine.facts), layers: [1, 1] };
    const outputs = this.engine.answers(setting, one, new Float64Array([1, 0]));
    const { context, width, height } = prepare(canvas);
    const low = Math.min(-0.2, ...outputs), high = Math.max(1, ...outputs);
    const y = (value) => height - 3 - ((value - low) / (high - low)) * (height - 6);
    context.strokeStyle = colours().grid;
    context.beginPath();
    context.moveTo(0, y(0));
    context.lineTo(width, y(0));
    context.stroke();
    context.strokeStyle = colours().ink;
    context.lineWidth = 1.5;
    context.beginPath();
    outputs.forEach((value, k) => context.lineTo((k / 40) * width, y(value)));
    context.stroke();
  }

  caption(plain) {
    const data = this.sets[plain.data];
    return data.nIn === 2 ? t().boundaryCaption : data.nIn === 64 ? t().digitsCaption : t().outputsCaption;
  }
}
