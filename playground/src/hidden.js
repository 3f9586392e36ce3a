// What hidden units answer: a network cut off behind a layer is a network too.

/**
 * The network up to hidden layer `layer` (from 0) as one whose outputs are that layer's activations:
 * behind it stands a layer that passes them on. Returns its setting, data and weights.
 */
export function upTo(layer, setting, data, weights, network) {
  const units = setting.layers[layer + 1];
  const cut = {
    ...setting,
    layers: [...setting.layers.slice(0, layer + 2), units],
    output: "linear",
    loss: "squared_error",
  };
  const kept = network.sizes.slice(0, layer + 1).reduce((a, b) => a + b, 0);
  const passing = new Float64Array((units + 1) * units);
  for (let k = 0; k < units; k++) passing[k * units + k] = 1;
  const parts = [weights.subarray(0, kept), passing];
  const hidden = setting.layers.slice(1, layer + 2).reduce((a, b) => a + b, 0);
  for (let at = network.weights; at < network.parameters; at += network.hidden)
    parts.push(weights.subarray(at, at + hidden)); // gammas, betas, running means and variances
  const all = new Float64Array(parts.reduce((count, part) => count + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  const cutData = Object.create(data, { nOut: { value: units }, targets: { value: new Float64Array(units) } });
  return { setting: cut, data: cutData, weights: all };
}

/** Activations of a hidden layer, (patterns × units). */
export function hiddenAnswers(engine, layer, setting, data, weights, network, inputs) {
  const cut = upTo(layer, setting, data, weights, network);
  return engine.answers(cut.setting, cut.data, cut.weights, inputs ?? data.inputs);
}
