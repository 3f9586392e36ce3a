// What is known of other settings: the curve over learning rates and the map, kept by setting.

import { RATES } from "./curve.js";
import { MAP_RATES, MAP_SCALES, cellOf } from "./map.js";
import { coarseToFine, coarseToFine2 } from "./rows.js";

const MOST_KEPT = 200; // curves and maps, each

export class Surveys {
  constructor() {
    this.known = { curve: new Map(), map: new Map() };
  }

  /** All but what a curve goes over, and all but what a map does. */
  key(kind, setting) {
    const free = kind === "curve" ? { learning_rate: 0 } : { learning_rate: 0, scale: 0 };
    return JSON.stringify({ ...setting, ...free });
  }

  /** Updates until learned by learning rate or by cell, infinite where it was not learned. */
  of(kind, setting) {
    return this.under(kind, this.key(kind, setting));
  }

  under(kind, key) {
    const kept = this.known[kind];
    if (!kept.has(key)) kept.set(key, new Map());
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
    return kept.get(key);
  }

  /** What the worker is to find out about a setting's neighbours, from coarse to fine. */
  missing(setting) {
    return [this.missingOfCurve(setting), this.missingOfMap(setting)];
  }

  missingOfCurve(setting) {
    const key = this.key("curve", setting), known = this.under("curve", key);
    const numbers = coarseToFine(RATES.length).filter((k) => !known.has(RATES[k]));
    return { kind: "curve", key, numbers, places: numbers.map((k) => ({ learning_rate: RATES[k] })) };
  }

  missingOfMap(setting) {
    const key = this.key("map", setting), known = this.under("map", key);
    const numbers = coarseToFine2(MAP_RATES.length, MAP_SCALES.length).filter((k) => !known.has(k));
    const places = numbers.map((k) => {
      const [column, row] = cellOf(k);
      return { learning_rate: MAP_RATES[column], scale: MAP_SCALES[row] };
    });
    return { kind: "map", key, numbers, places };
  }

  /** Take what the worker has found out. */
  hear({ kind, key, ended }) {
    const known = this.under(kind, key);
    for (const [number, updates, outcome] of ended)
      known.set(kind === "curve" ? RATES[number] : number, outcome === "converged" ? Math.max(1, updates) : Infinity);
  }
}
