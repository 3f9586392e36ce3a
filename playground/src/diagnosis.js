// What is odd about a run that has ended, as nnlab/diagnosis.py finds it. Words are in words.js.

import { hiddenAnswers } from "./hidden.js";

/** A list of {what, ...}, the most telling first. */
export function findings(engine, setting, data, network, run) {
  const { outcome, weights, updates } = run;
  if (outcome === "diverged") return [{ what: "diverged", updates }];
  const found = [];
  const outputs = engine.answers(setting, data, weights);
  if (outcome === "out of updates") {
    const { wrong, far } = missed(outputs, setting, data);
    if (wrong.length) found.push({ what: "wrong", patterns: wrong, of: data.patterns });
    if (far.length) found.push({ what: "far", patterns: far, of: data.patterns });
    if (outputs.every((y) => Math.abs(y - 0.5) < 0.1)) found.push({ what: "half" });
  } else if (outcome === "converged") {
    const { wrong, far } = missed(outputs, setting, data);
    if (wrong.length) found.push({ what: "wrongInUse", patterns: wrong, of: data.patterns });
    if (far.length && (setting.normalization === "batch" || setting.dropout > 0))
      found.push({ what: "farInUse", patterns: far, of: data.patterns });
  }
  if (data.patterns > 2000 || network.parameters > 5000) return found;
  return [...found, ...alike(setting, network, weights), ...stuck(engine, setting, data, network, weights)];
}

/** Patterns answered by another class, and others that are not within tolerance. */
function missed(outputs, setting, data) {
  const wrong = [], far = [], { nOut, targets } = data;
  for (let p = 0; p < data.patterns; p++) {
    let error = 0;
    for (let k = p * nOut; k < (p + 1) * nOut; k++) error += (outputs[k] - targets[k]) ** 2;
    if (classOf(outputs, p, nOut) !== classOf(targets, p, nOut)) wrong.push(p);
    else if (setting.tolerance > 0 && !(error < setting.tolerance)) far.push(p);
  }
  return { wrong, far };
}

/** The class that a pattern's outputs, or targets, mean: the largest; of one, whether above 1/2. */
export function classOf(outputs, pattern, nOut) {
  if (nOut === 1) return outputs[pattern] > 0.5 ? 1 : 0;
  let best = 0;
  for (let k = 1; k < nOut; k++)
    if (outputs[pattern * nOut + k] > outputs[pattern * nOut + best]) best = k;
  return best;
}

/** Groups of units of a hidden layer whose incoming weights are the same. */
function alike(setting, network, weights) {
  const found = [];
  let at = 0;
  network.shapes.slice(0, -1).forEach(([rows, columns], layer) => {
    const groups = new Map();
    for (let unit = 0; unit < columns; unit++) {
      const column = Array.from({ length: rows }, (_, row) => weights[at + row * columns + unit]);
      const own = [0, 1].map((part) => normalizerOf(setting, network, weights, layer, unit, part));
      const key = [...column, ...own].join();
      groups.set(key, [...(groups.get(key) ?? []), unit + 1]);
    }
    for (const units of groups.values())
      if (units.length > 1) found.push({ what: "alike", units, layer: layer + 1 });
    at += rows * columns;
  });
  return found;
}

function normalizerOf(setting, network, weights, layer, unit, part) {
  if (network.parameters === network.weights) return 0;
  const before = setting.layers.slice(1, layer + 1).reduce((a, b) => a + b, 0);
  return weights[network.weights + part * network.hidden + before + unit];
}

/** Units that are at an end of their range, or at 0, for every pattern. */
function stuck(engine, setting, data, network, weights) {
  const low = { sigmoid: 0, tanh: -1 }[setting.activation], found = [];
  if (low === undefined && setting.activation !== "relu") return found;
  const margin = engine.facts.saturated * (1 - (low ?? 0));
  for (let layer = 0; layer < setting.layers.length - 2; layer++) {
    const units = setting.layers[layer + 1];
    const values = hiddenAnswers(engine, layer, setting, data, weights, network);
    let count = 0;
    for (let unit = 0; unit < units; unit++) {
      const atEnd = (y) => (low === undefined ? y === 0 : y < low + margin || y > 1 - margin);
      let all = true;
      for (let k = unit; k < values.length && all; k += units) all = atEnd(values[k]);
      count += all;
    }
    if (count) found.push({ what: low === undefined ? "dead" : "saturated", count, of: units, layer: layer + 1 });
  }
  return found;
}
