// Many seeds of one setting: how the error falls, and how many have learned by when.

import { Ensemble } from "./ensemble.js";
import { Pace } from "./training.js";

const FEW_ROWS = 64; // of each history: nobody looks at them one by one
const POINTS = 120; // over time
const MOST_UPDATES = 200_000; // of each run: a hundred of millions would not be live

/** Whether another seed gives another run. */
export const isRandom = (setting, facts) =>
  !facts.seedless.includes(setting.init) || setting.shuffle || setting.dropout > 0;

export class Seeds {
  constructor(engine, setting, data, count, machine) {
    this.budget = Math.min(setting.max_updates, MOST_UPDATES);
    this.count = isRandom(setting, engine.facts) ? count : 1;
    const cut = { ...setting, max_updates: this.budget };
    const seeds = Array.from({ length: this.count }, (_, k) => k);
    const starts = engine.starts(cut, data, seeds);
    // Of many patterns no errors are kept, so there is no history to look at.
    const rows = data.patterns <= engine.facts.codes.mostPatterns ? FEW_ROWS : 0;
    this.runs = new Ensemble(engine, cut, data, starts, { rows, orderSeeds: seeds, machine });
    this.pace = new Pace(this.runs);
    this.worst = []; // of each run that has ended: times and largest errors
  }

  get running() {
    return this.runs.running;
  }

  /** Each counts only when all before it have ended, so that those that count are a fair sample. */
  collect() {
    const { runs } = this;
    while (this.worst.length < runs.runs && runs.outcome(this.worst.length) !== "running") {
      const run = this.worst.length, width = runs.errors;
      const { updates, errors } = width ? runs.history(run) : { updates: [], errors: [] };
      const worst = updates.map((_, row) => {
        let most = 0;
        for (let k = 0; k < width; k++) {
          const error = errors[row * width + k];
          if (!(error <= most)) most = Number.isNaN(error) ? 1e9 : error;
        }
        return most;
      });
      this.worst.push({ updates, worst, outcome: runs.outcome(run), end: runs.updates(run) });
    }
  }

  frame(axis) {
    this.collect();
    const ended = this.worst;
    const learned = ended.filter((run) => run.outcome === "converged").map((run) => run.end);
    learned.sort((a, b) => a - b);
    const frame = {
      count: this.count,
      ended: ended.length,
      learned: Float64Array.from(learned),
      diverged: ended.filter((run) => run.outcome === "diverged").length,
      budget: this.budget,
      median: ended.length ? middle(ended.map((run) => (run.outcome === "converged" ? run.end : Infinity))) : NaN,
      spent: this.pace.spent,
      band: this.runs.errors && ended.length ? band(ended, axis) : null,
      ends: ended.map((run) => ({ converged: run.end, diverged: -2 })[run.outcome] ?? -1),
      last: Math.max(0, ...ended.map((run) => run.end)),
    };
    return frame;
  }
}

/** The median by nearest rank: between a number and infinity nothing can be interpolated. */
export function middle(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) / 2)];
}

/** At some moments the 10th, 50th and 90th percentile of the largest errors. */
function band(ended, axis) {
  const end = Math.max(...ended.map((run) => run.end));
  const first = Math.min(...ended.map((run) => run.updates[1] ?? end));
  const times = Float64Array.from({ length: POINTS }, (_, k) => {
    const share = k / (POINTS - 1);
    if (k === 0) return 0;
    return axis === "log" && first > 0 ? first * (end / first) ** ((k - 1) / (POINTS - 2)) : share * end;
  });
  const at = ended.map(() => 0), values = new Float64Array(ended.length);
  const [low, mid, high] = [0, 1, 2].map(() => new Float64Array(POINTS));
  times.forEach((time, k) => {
    ended.forEach((run, n) => {
      while (at[n] + 1 < run.updates.length && run.updates[at[n] + 1] <= time + 1e-9) at[n]++;
      values[n] = run.worst[at[n]];
    });
    const sorted = values.slice().sort(), rank = (share) => sorted[Math.round(share * (sorted.length - 1))];
    low[k] = rank(0.1);
    mid[k] = rank(0.5);
    high[k] = rank(0.9);
  });
  return { times, low, mid, high };
}
