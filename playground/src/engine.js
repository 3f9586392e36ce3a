// nnlab's compiled functions in a page: random starts, and what networks answer.
// Training itself is in ensemble.js. Here is only how arguments are passed and results read.

import { putMemory, putPlan } from "./arguments.js";
import { Machine } from "./memory.js";
import { describe, inputsOf, planFor, roomsFor, withNormalizers } from "./network.js";

const ANSWERED = 32; // patterns at a time

export class Engine {
  /** module: the compiled WebAssembly; facts: what tools/playground/facts.py says of nnlab. */
  constructor(module, facts) {
    this.module = module;
    this.facts = facts;
    this.asking = this.machine();
  }

  machine() {
    return new Machine(this.module, this.facts.layouts);
  }

  /** Outputs of networks in use, (networks × patterns × outputs), for inputs as the data has them. */
  answers(setting, data, weights, inputs = data.inputs) {
    const { facts, asking: machine } = this, used = { ...setting, dropout: 0 };
    const network = describe(setting, data, facts);
    const patterns = inputs.length / data.nIn, networks = weights.length / network.parameters;
    const batch = Math.min(ANSWERED, patterns);
    machine.begin("answer");
    putPlan(machine, {
      ...planFor(used, data, network, facts, { lanes: 1, denseRows: 0 }),
      inputs: inputsOf(setting, data, inputs),
      patterns,
      batch_size: batch,
      in_use: true,
    });
    putMemory(machine, facts, roomsFor(used, data, network, { lanes: 1, batch }), 1);
    machine.put("questions.networks", networks);
    machine.array("questions.weights", "double", weights.length, weights);
    const count = networks * patterns * data.nOut;
    const at = machine.array("questions.outputs", "double", count);
    machine.run();
    return machine.doubles(at, count).slice();
  }

  /** Fresh starts of some seeds, (seeds × parameters), with what normalizers begin with. */
  starts(setting, data, seeds = [setting.init_seed]) {
    const network = describe(setting, data, this.facts), machine = this.asking;
    machine.begin("fill");
    machine.put("rule", this.facts.initializers.indexOf(setting.init));
    machine.put("scale", setting.scale);
    machine.array("seeds", "i64", seeds.length, seeds);
    machine.array("layers", "i64", network.layers.length, network.layers);
    const count = seeds.length * network.weights;
    const at = machine.array("weights", "double", count);
    machine.run();
    return withNormalizers(machine.doubles(at, count), network, seeds.length);
  }

  /** First states of the generators of orders and dropout, one a seed, as BigInts. */
  orderStates(seeds) {
    const machine = this.asking;
    machine.begin("order_states");
    machine.array("seeds", "i64", seeds.length, seeds);
    const at = machine.array("states", "i64", seeds.length);
    machine.run();
    return Array.from(new BigInt64Array(machine.memory.buffer, at, seeds.length));
  }
}
