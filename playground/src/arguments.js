// How a plan, a memory and jobs, the named tuples of nnlab/engine/records.py, become arguments.

const ARRAYS = {
  units: "i64", units_at: "i64", weights_at: "i64", activation: "i64", slope: "i64",
  inputs: "double", targets: "double",
};

export function putPlan(machine, plan) {
  for (const [name, value] of Object.entries(plan)) {
    const path = `plan.${name}`;
    if (ARRAYS[name]) machine.array(path, ARRAYS[name], value.length, value);
    else if (Array.isArray(value)) value.forEach((knob, k) => machine.put(`${path}.${k}`, knob));
    else machine.put(path, value);
  }
}

/** Whether a plan is of the kind that the engine has a shorter loop for. */
export function isUsual(plan, facts) {
  return Object.entries(facts.usual).every(([name, wanted]) =>
    Array.isArray(wanted)
      ? wanted.length === plan[name].length && wanted.every((each, k) => plan[name][k] === each)
      : wanted === plan[name]);
}

/** Make the arrays that training changes, all lanes idle; return the addresses by name. */
export function putMemory(machine, facts, rooms, lanes) {
  const { clock, lane } = facts.records, at = {};
  at.clock = machine.array("memory.clock", "i64", 1, [], clock.size);
  at.state = machine.array("memory.state", "i64", lanes, [], lane.size);
  for (let k = 0; k < lanes; k++)
    machine.setWhole(at.state + k * lane.size + lane.places.run, facts.codes.idle);
  for (const [name, length] of Object.entries(rooms))
    at[name] = machine.array(`memory.${name}`, name === "order" ? "i64" : "double", length);
  // What goes on to the next layer is the activations themselves, but for dropout.
  if (!rooms.passed) machine.point("memory.passed", at.activations, rooms.activations);
  return at;
}

/** Put the runs to be done and room for what becomes of them; return the addresses by name. */
export function putJobs(machine, facts, jobs) {
  const { runs, weights, rates, states, rows, errors, firstErrors, network } = jobs, at = {};
  machine.put("jobs.runs", runs);
  at.weights = machine.array("jobs.weights", "double", weights.length, weights);
  machine.array("jobs.rates", "double", runs, rates);
  machine.put("jobs.columns", 1);
  machine.array("jobs.rate_of", "i64", network.trainable);
  machine.array("jobs.random", "i64", runs, states);
  at.ends = machine.array("jobs.ends", "i64", runs, [], facts.records.end.size);
  machine.put("jobs.rows", rows);
  machine.put("jobs.row_patterns", errors);
  at.rowUpdates = machine.array("jobs.row_updates", "i64", runs * rows);
  at.rowWeights = machine.array("jobs.row_weights", "double", runs * rows * network.parameters);
  at.rowErrors = machine.array("jobs.row_errors", "double", runs * rows * errors);
  const firstRow = (address, width, values) => {
    for (let run = 0; rows && run < runs; run++)
      machine.doubles(address + 8 * run * rows * width, width)
        .set(values.subarray(run * width, (run + 1) * width));
  };
  firstRow(at.rowWeights, network.parameters, weights);
  firstRow(at.rowErrors, errors, firstErrors);
  return at;
}
