// Train experiments in Node by the engine that the page has: `node train.mjs ENGINE_FOLDER < cases`.
// A case: {setting, data?, rows, runs?, lanes?, pause?}; data only if it is none of the page's own.
// Prints for each what became of it, numbers as the hexadecimal digits of their bytes.

import { readFileSync } from "node:fs";
import { unpack } from "../../playground/src/data.js";
import { Engine } from "../../playground/src/engine.js";
import { Ensemble } from "../../playground/src/ensemble.js";

const folder = process.argv[2];
const facts = JSON.parse(readFileSync(`${folder}/facts.json`, "utf8"));
const numbers = readFileSync(`${folder}/numbers.bin`);
const sets = unpack(facts.sets, numbers.buffer.slice(numbers.byteOffset, numbers.byteOffset + numbers.length));
const engine = new Engine(new WebAssembly.Module(readFileSync(`${folder}/engine.wasm`)), facts);

const hex = (numbers) => Buffer.from(Float64Array.from(numbers).buffer).toString("hex");
const arrays = (data) => ({
  ...data,
  ...Object.fromEntries(["inputs", "targets", "mean", "deviation"].map((name) =>
    [name, Float64Array.from(data[name])])),
});

const cases = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map(({ setting, data, rows, seeds, lanes, pause = 1e9 }) => {
  const set = data ? arrays(data) : sets[setting.data];
  const starts = engine.starts(setting, set, seeds ?? [setting.init_seed]);
  const runs = new Ensemble(engine, setting, set, starts, { rows, lanes, orderSeeds: seeds });
  while (runs.running) runs.advance(pause);
  return Array.from({ length: runs.runs }, (_, run) => {
    const history = rows ? runs.history(run) : { updates: [], weights: [], errors: [] };
    return {
      start: hex(starts.subarray(run * runs.network.parameters, (run + 1) * runs.network.parameters)),
      outcome: runs.outcome(run),
      updates: runs.updates(run),
      weights: hex(runs.weights(run)),
      answers: hex(engine.answers(setting, set, runs.weights(run))),
      rows: hex(history.updates),
      rowWeights: hex(history.weights),
      rowErrors: hex(history.errors),
    };
  });
})));
