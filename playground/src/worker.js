// The page's worker: trains what was last asked for, then fills in curve and map while idle.

import { unpack } from "./data.js";
import { Engine } from "./engine.js";
import { forEngine } from "./fields.js";
import { Seeds } from "./seeds.js";
import { Survey } from "./survey.js";
import { Training } from "./training.js";

const FIRST_SLICE = 2, SLICE = 14, MOST_SLICE = 60, IDLE_SLICE = 2; // milliseconds between two looks at the mail

let engine, sets, facts, machines;
let wanted = null; // the latest setting to train
let idle = null; // the latest that curve and map are wanted for
let wake = () => {};

self.onmessage = async ({ data: message }) => {
  if (message.type === "begin") {
    facts = message.facts;
    sets = unpack(facts.sets, message.numbers);
    engine = new Engine(await WebAssembly.compile(message.wasm), facts);
    machines = { run: engine.machine(), curve: engine.machine(), map: engine.machine() };
    work();
    return;
  }
  if (message.type === "train") [wanted, idle] = [message, null];
  else idle = message;
  wake();
};

const channel = new MessageChannel();
/** Let messages in; setTimeout would wait for four milliseconds. */
const look = () =>
  new Promise((done) => {
    channel.port1.onmessage = done;
    channel.port2.postMessage(0);
  });
const news = () => new Promise((done) => (wake = done));

async function work() {
  for (;;) {
    const [request, survey] = [wanted, idle];
    try {
      if (request && !request.answered) request.answered = await train(request, () => wanted !== request);
      else if (survey && !survey.answered) survey.answered = await fill(survey, () => idle !== survey);
      else await news();
    } catch (error) {
      for (const each of [request, survey]) if (each) each.answered = true;
      postMessage({ type: "error", generation: request?.generation, message: String(error) });
    }
  }
}

/** Train and post pictures; return whether it came to an end. */
async function train(request, stale) {
  const { generation, axis } = request;
  const setting = forEngine(request.setting, facts), data = sets[setting.data];
  const job = request.seeds
    ? new Seeds(engine, setting, data, request.seeds, machines.run)
    : new Training(engine, setting, data, machines.run);
  const type = request.seeds ? "seeds" : "run";
  let slice = FIRST_SLICE;
  do {
    job.pace.advance(slice);
    const begin = performance.now(), frame = job.frame(axis);
    postMessage({ type, generation, frame }, buffersOf(frame));
    slice = Math.min(MOST_SLICE, Math.max(SLICE, 2 * (performance.now() - begin))); // mostly train
    await look();
    if (stale()) return false;
  } while (job.running);
  return true;
}

/** Train neighbouring settings, curve and map in turns; return whether all have ended. */
async function fill(request, stale) {
  const data = sets[request.setting.data];
  const jobs = request.surveys.filter(({ places }) => places.length).map((survey) => {
    const options = { map: survey.kind === "map", facts, machine: machines[survey.kind] };
    return { ...survey, survey: new Survey(engine, request.setting, data, survey.places, options), news: [] };
  });
  let posted = performance.now();
  const post = (job) => {
    if (!job.news.length) return;
    const { kind, key, news: ended, survey: { budget } } = job;
    postMessage({ type: "survey", kind, key, ended, budget });
    job.news = [];
  };
  while (jobs.some(({ survey }) => survey.running) && !stale()) {
    for (const job of jobs) {
      if (!job.survey.running) continue;
      const ended = job.survey.advance(IDLE_SLICE);
      job.news.push(...ended.map(([k, ...rest]) => [job.numbers[k], ...rest]));
      await look();
      if (stale()) break;
    }
    if (performance.now() - posted > 60) {
      jobs.forEach(post);
      posted = performance.now();
    }
  }
  jobs.forEach(post);
  return !stale();
}

const buffersOf = (frame) =>
  Object.values(frame).filter((value) => value instanceof Float64Array).map((array) => array.buffer);
