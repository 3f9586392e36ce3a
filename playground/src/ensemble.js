// Runs of one setting under way; several advance in lock step, and each as it would alone.

import { isUsual, putJobs, putMemory, putPlan } from "./arguments.js";
import { describe, planFor, roomsFor } from "./network.js";

export class Ensemble {
  /**
   * weights: the starts, (runs × parameters). Options: rows of history kept of each run, 0 for
   * none; rates, one a run, instead of the setting's; orderSeeds, likewise; a machine to work in.
   */
  constructor(engine, setting, data, weights, options = {}) {
    const { facts } = engine, { rows = 0, machine = engine.machine() } = options;
    this.facts = facts;
    this.machine = machine;
    this.network = describe(setting, data, facts);
    const runs = (this.runs = weights.length / this.network.parameters);
    const lanes = options.lanes ?? (runs > 1 ? facts.codes.lanes : 1);
    this.errors = rows && data.patterns <= facts.codes.mostPatterns ? data.patterns : 0;
    this.rows = rows ? rows + 1 : 0; // the last moment of a run has a row of its own
    const shape = { lanes, denseRows: Math.floor(rows / 4) };
    const plan = planFor(setting, data, this.network, facts, shape);
    const rooms = roomsFor(setting, data, this.network, { lanes, batch: this.network.perUpdate });
    machine.begin(lanes > 1 ? "advance_lanes" : isUsual(plan, facts) ? "advance_usual" : "advance");
    putPlan(machine, plan);
    this.at = putMemory(machine, facts, rooms, lanes);
    this.jobs = putJobs(machine, facts, {
      runs,
      weights,
      rates: options.rates ?? Array(runs).fill(setting.schedule.rate),
      states: engine.orderStates(options.orderSeeds ?? Array(runs).fill(setting.order_seed)),
      rows: this.rows,
      errors: this.errors,
      firstErrors: this.errors ? firstErrors(engine, setting, data, weights) : new Float64Array(0),
      network: this.network,
    });
  }

  advance(steps) {
    this.machine.put("steps", steps);
    this.machine.run();
  }

  get running() {
    return this.clock("busy") > 0 || this.clock("next_run") < this.runs;
  }

  clock(name) {
    return this.machine.whole(this.at.clock + this.facts.records.clock.places[name]);
  }

  state(name, lane = 0) {
    const { size, places } = this.facts.records.lane;
    return this.machine.whole(this.at.state + lane * size + places[name]);
  }

  end(name, run = 0) {
    const { size, places } = this.facts.records.end;
    return this.machine.whole(this.jobs.ends + run * size + places[name]);
  }

  outcome(run = 0) {
    return this.facts.outcomes[this.end("outcome", run)];
  }

  /** Updates that a run has done; of one under way only where it is alone. */
  updates(run = 0) {
    return this.end("outcome", run) ? this.end("updates", run) : this.clock("steps");
  }

  /** Weights, and all behind them, at a run's end, or of a run alone now. */
  weights(run = 0) {
    const { parameters } = this.network;
    const begun = this.runs === 1 && !this.end("outcome") && this.state("run") !== this.facts.codes.idle;
    const at = begun ? this.at.weights : this.jobs.weights + 8 * run * parameters;
    return this.machine.doubles(at, parameters).slice();
  }

  /**
   * Copies of a run's rows: of one that has ended, or of one alone so far, the newest last. `choose`
   * gets the updates of all rows and returns the numbers of those wanted.
   */
  history(run = 0, choose = (updates) => updates.map((_, row) => row)) {
    const { network: { parameters }, errors: width, machine, at, jobs } = this, first = run * this.rows;
    const ended = this.end("outcome", run) > 0, now = this.updates(run);
    const stored = ended ? this.end("rows", run) : Math.max(1, this.state("rows"));
    const all = Array.from(new BigInt64Array(machine.memory.buffer, jobs.rowUpdates + 8 * first, stored), Number);
    if (!ended && all.at(-1) !== now) all.push(now);
    const newest = ended ? all.length : all.length - 1; // what is now is in no row yet
    const rows = choose(all);
    const weights = new Float64Array(rows.length * parameters), errors = new Float64Array(rows.length * width);
    rows.forEach((row, k) => {
      const kept = row < newest || !now;
      weights.set(machine.doubles(kept ? jobs.rowWeights + 8 * (first + row) * parameters : at.weights, parameters), k * parameters);
      errors.set(machine.doubles(kept ? jobs.rowErrors + 8 * (first + row) * width : at.errors, width), k * width);
    });
    return { updates: rows.map((row) => all[row]), weights, errors };
  }
}

/** Squared error of each pattern at each start, (runs × patterns). */
function firstErrors(engine, setting, data, weights) {
  const outputs = engine.answers(setting, data, weights);
  const errors = new Float64Array(outputs.length / data.nOut);
  outputs.forEach((output, k) => {
    const far = output - data.targets[k % data.targets.length];
    errors[Math.floor(k / data.nOut)] += far * far;
  });
  return errors;
}
