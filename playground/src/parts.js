// The seven parts of the series: where each begins. `#part=3` in a link opens one.

export const PARTS = [
  { field: "learning_rate", change: {} },
  { field: "init", change: { learning_rate: 5, init: "gaussian" } },
  { field: "activation", change: { data: "circles", tolerance: 0.1, learning_rate: 0.3, init: "xavier", activation: "tanh", hidden: [4], max_updates: 200_000 } },
  { field: "batch_size", change: { learning_rate: 5, batch_size: 1 } },
  { field: "layers", change: { data: "spirals", tolerance: 0.1, learning_rate: 0.1, init: "xavier", activation: "tanh", hidden: [8, 8], optimizer: "momentum", batch_size: 8, max_updates: 200_000 } },
  { field: "optimizer", change: { learning_rate: 0.05, init: "gaussian", optimizer: "momentum" } },
  { field: "normalization", change: { data: "digits", learning_rate: 0.2, init: "he", activation: "relu", hidden: [16], output: "softmax", loss: "cross_entropy", batch_size: 32, normalization: "batch", max_updates: 20_000 } },
];

/** A part's own setting. */
export const baseOf = (article) => (part) => ({ ...article, ...PARTS[part - 1].change });

/** What changes along with the data, so that the new network can learn it. */
export const SUITS = {
  parity: { tolerance: 0.01, hidden: [5], activation: "sigmoid", init: "alternating", output: "sigmoid", loss: "squared_error", optimizer: "sgd", batch_size: 1, max_updates: 5_000_000 },
  circles: { tolerance: 0.1, hidden: [4], activation: "tanh", init: "xavier", output: "sigmoid", loss: "squared_error", optimizer: "sgd", batch_size: 1, max_updates: 200_000 },
  moons: { tolerance: 0.1, hidden: [6], activation: "tanh", init: "xavier", output: "sigmoid", loss: "squared_error", optimizer: "sgd", batch_size: 1, max_updates: 200_000 },
  spirals: { tolerance: 0.1, hidden: [8, 8], activation: "tanh", init: "xavier", output: "sigmoid", loss: "squared_error", optimizer: "momentum", batch_size: 8, max_updates: 200_000 },
  digits: { tolerance: 0.01, hidden: [16], activation: "relu", init: "he", output: "softmax", loss: "cross_entropy", optimizer: "sgd", batch_size: 32, max_updates: 20_000 },
};
/** And the learning rate, which suits data even less from one to the next. */
export const RATES = { parity: 5, circles: 0.3, moons: 0.3, spirals: 0.1, digits: 0.2 };
