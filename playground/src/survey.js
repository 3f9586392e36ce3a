// What other settings would do: the curve over learning rates and the map, in idle moments.

import { Ensemble } from "./ensemble.js";
import { forEngine } from "./fields.js";
import { Pace } from "./training.js";

const PRODUCTS = 1e8; // weights times patterns times updates that a point of the curve may cost
const MAP_UPDATES = 100_000;

/** The most updates that a point of the curve, or a cell of the map, is trained for. */
export function budgetFor(setting, parameters, perUpdate, map) {
  const affordable = Math.max(1000, Math.floor(PRODUCTS / (parameters * perUpdate)));
  return Math.min(setting.max_updates, map ? MAP_UPDATES : affordable, affordable);
}

/**
 * Runs of neighbouring settings in lock step: each differs in learning rate or in the start's scale.
 * `places`: the list of changes, from coarse to fine; `report` gets [number, updates or -1, outcome].
 */
export class Survey {
  constructor(engine, setting, data, places, { map, facts, machine }) {
    const plain = forEngine(setting, facts);
    const network = engine.starts(plain, data); // for its length only
    const perUpdate = setting.batch_size === "full" ? data.patterns : setting.batch_size;
    this.budget = budgetFor(setting, network.length, perUpdate, map);
    this.waiting = [];
    this.reported = new Set();
    const scheduled = setting.schedule !== "constant";
    // A schedule's constants are the same for all runs of a plan, so it takes a plan for each.
    const groups = scheduled ? places.map((_, k) => [k]) : [places.map((_, k) => k)];
    for (const group of groups) this.waiting.push({ group, places: group.map((k) => places[k]) });
    this.make = ({ places: some }) => {
      const settings = some.map((change) => forEngine({ ...setting, ...change, max_updates: this.budget }, facts));
      const starts = settings.map((each) => engine.starts(each, data));
      const all = new Float64Array(starts.length * network.length);
      starts.forEach((start, k) => all.set(start, k * network.length));
      const rates = settings.map((each) => each.learning_rate);
      return new Ensemble(engine, settings[0], data, all, { rates, machine });
    };
  }

  get running() {
    return Boolean(this.pace?.runs.running || this.waiting.length);
  }

  /** Train for so long; return what has ended since: [number, updates, outcome] each. */
  advance(milliseconds) {
    if (!this.pace || !this.pace.runs.running) {
      const next = this.waiting.shift();
      if (!next) return [];
      this.group = next.group;
      this.pace = new Pace(this.make(next));
    }
    this.pace.advance(milliseconds);
    const ended = [], { runs } = this.pace;
    this.group.forEach((number, run) => {
      const outcome = runs.outcome(run);
      if (outcome === "running" || this.reported.has(number)) return;
      this.reported.add(number);
      ended.push([number, runs.updates(run), outcome]);
    });
    return ended;
  }
}
