// The page's worker: trains what was last asked for, then fills in curve and map while idle.

import { unpack } from "./data.js";
import { Engine } from "./engine.js";
import { forEngine } from "./fields.js";
import { Seeds } from "./seeds.js";
import { Survey } from "./survey.js";
import { Training } from "./training.js";

const FIRST_SLICE = 5, SLICE = 14, IDLE_SLICE = 4; // milliseconds between two looks at the mail
const QUIET = 150; // milliseconds without a request before idle work begins

let engine, sets, facts, machines;
let wanted = null; // the latest request
let wake = () => {};

self.onmessage = async ({ data: message }) => {
  if (message.type === "begin") {
    facts = message.facts;
    sets = unpack(facts.sets, message.numbers);
    engine = new Engine(await WebAssembly.compile(message.wasm), facts);
    machines = { run: engine.machine(), idle: engine.machine() };
    work();
  } else {
    wanted = message;
    wake();
  }
};

const channel = new MessageChannel();
/** Let messages in; setTimeout would wait for four milliseconds. */
const look = () =>
  new Promise((done) => {
    channel.port1.onmessage = done;
    channel.port2.postMessage(0);
  });
const news = (milliseconds) =>
  new Promise((done) => {
    wake = done;
    if (milliseconds !== undefined) setTimeout(done, milliseconds);
  });

async function work() {
  for (;;) {
    const request = wanted;
    try {
      if (request && request.type === "train") await answer(request);
    } catch (error) {
      postMessage({ type: "error", generation: request.generation, message: String(error) });
    }
    if (wanted === request) await news();
  }
}

async function answer(request) {
  const stale = () => wanted !== request;
  if (!(await train(request, stale))) return;
  await news(QUIET);
  for (const survey of request.surveys) if (stale() || !(await fill(request, survey, stale))) return;
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
    const frame = job.frame(axis);
    postMessage({ type, generation, frame }, buffersOf(frame));
    slice = SLICE;
    await look();
    if (stale()) return false;
  } while (job.running);
  return true;
}

/** Train neighbouring settings; return whether all have ended. */
async function fill(request, { kind, key, places, numbers }, stale) {
  if (!places.length) return true;
  const data = sets[request.setting.data];
  const options = { map: kind === "map", facts, machine: machines.idle };
  const survey = new Survey(engine, request.setting, data, places, options);
  let news = [], posted = performance.now();
  while (survey.running) {
    news.push(...survey.advance(IDLE_SLICE).map(([k, ...rest]) => [numbers[k], ...rest]));
    if (news.length && (performance.now() - posted > 60 || !survey.running)) {
      postMessage({ type: "survey", kind, key, ended: news, budget: survey.budget });
      posted = performance.now();
      news = [];
    }
    await look();
    if (stale()) {
      if (news.length) postMessage({ type: "survey", kind, key, ended: news, budget: survey.budget });
      return false;
    }
  }
  return true;
}

const buffersOf = (frame) =>
  Object.values(frame).filter((value) => value instanceof Float64Array).map((array) => array.buffer);
