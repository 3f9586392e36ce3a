// What follows from a setting: shapes, places and codes, as nnlab/experiment.py and
// nnlab/engine/layout.py have them. No rule of learning stands here.

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

/** 0 and the running sums of some numbers. */
export const offsets = (numbers) => {
  const found = [0];
  for (const number of numbers) found.push(found.at(-1) + number);
  return found;
};

/**
 * Describe a setting's network by numbers.
 * setting: fields named as those of nnlab.Experiment; data: {inputs, targets, patterns, nIn, nOut,
 * mean, deviation}; facts: what tools/playground/facts.py writes down of nnlab.
 */
export function describe(setting, data, facts) {
  const layers = setting.layers;
  const shapes = layers.slice(1).map((nOut, k) => [layers[k] + 1, nOut]);
  const sizes = shapes.map(([rows, columns]) => rows * columns);
  const hidden = sum(layers.slice(1, -1));
  const weights = sum(sizes);
  const normed = { batch: 4, layer: 2, rms: 1 }[setting.normalization] ?? 0;
  const trainable = weights + Math.min(normed, 2) * hidden; // running statistics follow no gradient
  const perUpdate = setting.batch_size === "full" ? data.patterns : setting.batch_size;
  return {
    layers,
    shapes,
    sizes,
    hidden,
    weights,
    trainable,
    parameters: weights + normed * hidden,
    perUpdate,
    updatesPerEpoch: Math.ceil(data.patterns / perUpdate),
    activations: layers.slice(1).map((_, k) =>
      facts.outputs.indexOf(k < layers.length - 2 ? setting.activation : setting.output)),
  };
}

/** All that a network is made of: the weights, then gammas 1, betas 0, means 0, variances 1. */
export function withNormalizers(weights, network, runs = 1) {
  const { parameters, hidden } = network;
  const all = new Float64Array(runs * parameters);
  const normed = (parameters - network.weights) / (hidden || 1);
  for (let run = 0; run < runs; run++) {
    all.set(weights.subarray(run * network.weights, (run + 1) * network.weights), run * parameters);
    const extra = run * parameters + network.weights;
    [1, 0, 0, 1].slice(0, normed).forEach((value, k) =>
      all.fill(value, extra + k * hidden, extra + (k + 1) * hidden));
  }
  return all;
}

/** The plan of nnlab/engine/records.py, arrays as lists or typed arrays. */
export function planFor(setting, data, network, facts, { lanes, denseRows }) {
  const { layers, sizes, hidden } = network;
  const slopes = [...network.activations];
  if (setting.loss === "cross_entropy") slopes[slopes.length - 1] = facts.codes.slopeInSum;
  const gammas = network.weights - layers[0];
  const { name, knobs } = setting.optimizer;
  const schedule = setting.schedule;
  return {
    units: layers,
    units_at: offsets(layers.slice(0, -1)).map((at) => at * lanes),
    weights_at: offsets(sizes).map((at) => at * lanes),
    layers: sizes.length,
    activation: network.activations,
    slope: slopes,
    way: sum(layers) * lanes,
    gammas: gammas * lanes,
    betas: (gammas + hidden) * lanes,
    trainable: network.trainable * lanes,
    parameters: network.parameters,
    loss: facts.losses.indexOf(setting.loss),
    optimizer: facts.optimizers.findIndex((rule) => rule.name === name),
    knobs,
    schedule: facts.schedules.findIndex((rule) => rule.name === schedule.name),
    schedule_knobs: schedule.knobs,
    normalization: facts.codes.norms[setting.normalization] ?? facts.codes.noNorm,
    in_use: false,
    weight_decay: setting.weight_decay,
    decoupled: facts.optimizers.find((rule) => rule.name === name).decoupled,
    dropout: setting.dropout,
    inputs: inputsOf(setting, data),
    targets: data.targets,
    patterns: data.patterns,
    batch_size: network.perUpdate,
    shuffle: setting.shuffle,
    tolerance: setting.tolerance,
    max_updates: setting.max_updates,
    beat: network.updatesPerEpoch <= facts.codes.mostPatterns ? network.updatesPerEpoch : 1,
    dense_rows: denseRows,
  };
}

/** Inputs as the first layer receives them. */
export function inputsOf(setting, data, inputs = data.inputs) {
  if (setting.normalization !== "input") return inputs;
  const { mean, deviation, nIn } = data;
  return Float64Array.from(inputs, (x, k) => (x - mean[k % nIn]) / deviation[k % nIn]);
}

/** How many numbers each array of the memory holds. */
export function roomsFor(setting, data, network, { lanes, batch }) {
  const all = lanes * batch * sum(network.layers);
  const normed = network.parameters > network.weights;
  const trainable = lanes * network.trainable;
  return {
    times: lanes,
    weights: lanes * network.parameters,
    gradient: trainable,
    moments: 3 * trainable,
    rates: trainable,
    order: lanes * data.patterns,
    sums: all,
    activations: all,
    passed: setting.dropout > 0 ? all : 0,
    keep: setting.dropout > 0 ? all : 0,
    normal: normed ? all : 0,
    variances: normed ? all : 0,
    means: normed ? all : 0,
    deltas: all,
    wanted: lanes * batch * data.nOut,
    errors: lanes * data.patterns,
  };
}
