// One run, trained in slices, each of which leaves a picture's worth of numbers.

import { classOf, findings } from "./diagnosis.js";
import { Ensemble } from "./ensemble.js";
import { spread, take } from "./rows.js";

const MOST_ROWS = 180; // in a picture: about as many as its lines have pixels
const NUMBERS = 120_000; // in a picture's rows
const MEASURED = 6e6; // products that a measure over many patterns may cost while training

/** How many rows of history fit; as nnlab.engine.training.Training chooses. */
export const capacityFor = (parameters) =>
  Math.min(2048, Math.max(64, Math.floor(500_000 / parameters)));

/** Advance by chunks of about a millisecond until the time is over or nothing is left. */
export class Pace {
  constructor(runs) {
    this.runs = runs;
    this.chunk = 32;
    this.spent = 0;
  }

  advance(milliseconds) {
    const begin = performance.now();
    let now = begin;
    while (this.runs.running && now - begin < milliseconds) {
      this.runs.advance(this.chunk);
      const last = now;
      now = performance.now();
      if (now - last < 0.5) this.chunk *= 2;
      else if (now - last > 2 && this.chunk > 1) this.chunk >>= 1;
    }
    this.spent += now - begin;
  }
}

export class Training {
  constructor(engine, setting, data, machine) {
    this.engine = engine;
    this.setting = setting;
    this.data = data;
    const start = engine.starts(setting, data);
    this.runs = new Ensemble(engine, setting, data, start, { rows: capacityFor(start.length), machine });
    this.pace = new Pace(this.runs);
  }

  get running() {
    return this.runs.running;
  }

  /** What a picture shows of the run so far; the last one also says what is odd. */
  frame(axis) {
    const { runs, data, setting } = this, { parameters } = runs.network;
    const most = Math.max(12, Math.min(MOST_ROWS, Math.floor(NUMBERS / parameters)));
    const history = runs.history(0, (updates) => spread(updates, most, axis));
    const updates = runs.updates(), outcome = runs.outcome();
    const frame = {
      outcome,
      updates,
      epochs: Math.floor(updates / runs.network.updatesPerEpoch),
      spent: this.pace.spent,
      rows: Float64Array.from(history.updates),
      weights: history.weights,
      errors: history.errors,
      measures: runs.errors ? null : this.measures(history.weights, history.updates.length, outcome !== "running"),
      findings: [],
    };
    if (outcome !== "running")
      frame.findings = findings(this.engine, setting, data, runs.network, {
        outcome, updates, weights: runs.weights(),
      });
    return frame;
  }

  /** Mean squared error and share right at each row, of patterns learned from and held out. */
  measures(weights, rows, thorough) {
    const { engine, setting, data, runs } = this;
    const budget = (thorough ? 4 : 1) * MEASURED;
    const most = Math.max(20, Math.floor(budget / (rows * runs.network.parameters)));
    const measure = (inputs, targets) => {
      const chosen = spread(Array.from({ length: targets.length / data.nOut }, (_, k) => k), most, "linear");
      const wanted = take(targets, data.nOut, chosen);
      const outputs = engine.answers(setting, data, weights, take(inputs, data.nIn, chosen));
      return { ...scores(outputs, wanted, data.nOut, rows), shown: chosen.length };
    };
    return {
      learned: measure(data.inputs, data.targets),
      heldOut: data.heldOutInputs && measure(data.heldOutInputs, data.heldOutTargets),
    };
  }
}

function scores(outputs, targets, nOut, rows) {
  const error = new Float64Array(rows), right = new Float64Array(rows);
  const patterns = targets.length / nOut;
  for (let row = 0; row < rows; row++) {
    const answers = outputs.subarray(row * targets.length, (row + 1) * targets.length);
    for (let k = 0; k < answers.length; k++) error[row] += (answers[k] - targets[k]) ** 2 / patterns;
    for (let p = 0; p < patterns; p++)
      right[row] += (classOf(answers, p, nOut) === classOf(targets, p, nOut)) / patterns;
  }
  return { error, right };
}
