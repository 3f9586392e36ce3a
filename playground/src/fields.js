// The fields of a setting: what each may be, how a link and a line of Python say it.
// Their names are those of nnlab.Experiment; a few more belong to the page alone.

export const MOST_UNITS = 32, MOST_HIDDEN = 5;
const MOST_SEED = 2 ** 31 - 1, MOST_UPDATES = 1e9;

const number = (low, high) => ({
  read(text) {
    const value = Number(text.replace(",", "."));
    return text.trim() !== "" && value >= low && value <= high ? value : undefined;
  },
  allowed: `${low} – ${high}`,
});
const whole = (low, high) => ({
  read(text) {
    const value = Number(text);
    return /^\d+$/.test(text) && value >= low && value <= high ? value : undefined;
  },
  allowed: `${low} – ${high}`,
});
const choice = (names) => ({
  read: (text) => (names.includes(text) ? text : undefined),
  allowed: names.join(", "),
});
const flag = { read: (text) => ({ true: true, false: false })[text], allowed: "true, false" };

/** What each field may be; facts is what nnlab says of itself. */
export function fieldsOf(facts) {
  return {
    learning_rate: number(0.0001, 1000),
    init: choice(facts.initializers),
    scale: number(0.001, 100),
    activation: choice(facts.activations),
    batch_size: {
      read: (text) => (text === "full" ? "full" : whole(1, 100000).read(text)),
      allowed: "1, 2, …, full",
    },
    hidden: {
      read(text) {
        const units = text === "none" ? [] : text.split("-").map(whole(1, MOST_UNITS).read);
        return units.includes(undefined) || units.length > MOST_HIDDEN ? undefined : units;
      },
      allowed: `none, 5, 8-8, … (1 – ${MOST_UNITS})`,
    },
    optimizer: choice(facts.optimizers.map((rule) => rule.name)),
    normalization: {
      read: (text) => (text === "none" ? null : choice(facts.normalizations.slice(1)).read(text)),
      allowed: ["none", ...facts.normalizations.slice(1)].join(", "),
    },
    schedule: choice(facts.schedules.map((rule) => rule.name)),
    span: whole(10, 10000000),
    weight_decay: number(0, 10),
    dropout: number(0, 0.95),
    data: choice(facts.sets.map((set) => set.name)),
    loss: choice(facts.losses),
    output: choice(facts.outputs),
    tolerance: number(0, 10),
    max_updates: whole(1, MOST_UPDATES),
    init_seed: whole(0, MOST_SEED),
    shuffle: flag,
    order_seed: whole(0, MOST_SEED),
  };
}

/** The setting that nnlab.Experiment() describes. */
export function articleOf(facts) {
  const { layers, ...rest } = facts.defaults;
  return { ...rest, hidden: layers.slice(1, -1), scale: 1, schedule: "constant", span: 1000, data: "parity" };
}

const text = (value) =>
  value === null ? "none" : Array.isArray(value) ? value.join("-") || "none" : String(value);
const same = (a, b) => text(a) === text(b);

/** The part of a link behind #: what differs from a part's own setting. */
export function toHash(part, setting, base) {
  const changed = Object.keys(base).filter((name) => !same(setting[name], base[name]));
  return [`part=${part}`, ...changed.map((name) => `${name}=${text(setting[name])}`)].join("&");
}

/**
 * Read such a part of a link. Returns the part, the setting, and what was wrong: a list of
 * {name, value, allowed}. Whatever is wrong keeps the part's own value.
 */
export function fromHash(hash, facts, baseOf, parts = 7) {
  const wrong = [], fields = fieldsOf(facts), pairs = [];
  for (const piece of hash.replace(/^#/, "").slice(0, 4000).split("&").filter(Boolean)) {
    const [name, value = ""] = piece.split("=", 2).map((each) => {
      try {
        return decodeURIComponent(each);
      } catch {
        return each;
      }
    });
    pairs.push([name, value]);
  }
  const asked = pairs.find(([name]) => name === "part")?.[1];
  const known = asked === undefined || whole(1, parts).read(asked) !== undefined;
  if (!known) wrong.push({ name: "part", value: asked, allowed: `1 – ${parts}` });
  const part = known && asked ? Number(asked) : 1;
  const setting = { ...baseOf(part) };
  for (const [name, value] of pairs) {
    if (name === "part" || (name === "lang" && ["en", "ja"].includes(value))) continue;
    if (!Object.hasOwn(fields, name)) {
      wrong.push({ name, value, allowed: Object.keys(fields).join(", ") });
      continue;
    }
    const read = fields[name].read(value);
    if (read === undefined) wrong.push({ name, value, allowed: fields[name].allowed });
    else setting[name] = read;
  }
  return { part, setting, wrong };
}

/**
 * Change what cannot be, and say so: a list of {name, value, allowed} beside the setting. The rules
 * are Experiment's own checks.
 */
export function settled(setting, facts) {
  const set = facts.sets.find((each) => each.name === setting.data), wrong = [];
  const now = { ...setting };
  const mend = (name, value, allowed) => {
    wrong.push({ name, value: text(now[name]), allowed });
    now[name] = value;
  };
  if (now.batch_size !== "full" && now.batch_size > set.patterns)
    mend("batch_size", "full", `1 – ${set.patterns}, full`);
  if (now.output === "softmax" && set.n_out < 2) mend("output", "sigmoid", "sigmoid");
  if (now.loss === "cross_entropy" && !["sigmoid", "softmax"].includes(now.output))
    mend("output", "sigmoid", "sigmoid, softmax");
  const needy = ["batch", "layer", "rms"].includes(now.normalization);
  if (needy && !now.hidden.length) mend("normalization", null, "none, input");
  if (now.normalization === "layer" && Math.min(...now.hidden) === 1)
    mend("normalization", null, "none, input, batch, rms");
  const size = now.batch_size === "full" ? set.patterns : now.batch_size;
  if (now.normalization === "batch" && (size === 1 || set.patterns % size === 1))
    mend("batch_size", "full", "full");
  if (now.dropout > 0 && !now.hidden.length) mend("dropout", 0, "0");
  return { setting: now, wrong };
}

/** Units of all layers, the data's inputs and outputs included. */
export function layersOf(setting, facts) {
  const set = facts.sets.find((each) => each.name === setting.data);
  return [set.n_in, ...setting.hidden, set.n_out];
}

/** A schedule's constants in its rule's order, of which the page lets readers choose rate and span. */
function constantsOf(setting, facts) {
  const { learning_rate: rate, span, schedule } = setting;
  const rule = facts.schedules.find((each) => each.name === schedule);
  const chosen = {
    rate, peak: rate, every: span, updates: span, warmup: Math.max(1, Math.round(span / 10)),
    ...(schedule === "exponential" && { factor: Number((0.01 ** (1 / span)).toPrecision(6)) }),
  };
  return Object.entries(rule.constants).map(([name, preset]) => [name, chosen[name] ?? preset, preset]);
}

/** A setting as network.js and ensemble.js want it. */
export function forEngine(setting, facts) {
  const rule = facts.optimizers.find((each) => each.name === setting.optimizer);
  const knobs = constantsOf(setting, facts).map(([, value]) => value);
  while (knobs.length < facts.codes.scheduleKnobs) knobs.push(0);
  return {
    ...setting,
    layers: layersOf(setting, facts),
    optimizer: { name: rule.name, knobs: rule.knobs },
    schedule: { name: setting.schedule, knobs, rate: setting.learning_rate },
  };
}

const float = (value) => (Number.isInteger(value) ? value.toFixed(1) : String(value));

/** The line of Python that rebuilds a setting as an nnlab.Experiment. */
export function toPython(setting, facts) {
  const article = articleOf(facts), parts = [];
  if (setting.schedule !== "constant") {
    const { call } = facts.schedules.find((rule) => rule.name === setting.schedule);
    const whole = ["every", "updates", "warmup"];
    const given = constantsOf(setting, facts)
      .filter(([, value, preset]) => value !== preset)
      .map(([name, value]) => `${name}=${whole.includes(name) ? value : float(value)}`);
    parts.push(`learning_rate=nnlab.${call}(${given.join(", ")})`);
  } else if (setting.learning_rate !== article.learning_rate)
    parts.push(`learning_rate=${float(setting.learning_rate)}`);
  if (setting.scale !== 1)
    parts.push(`init=nnlab.Initializer("${setting.init}", scale=${float(setting.scale)})`);
  else if (setting.init !== article.init) parts.push(`init="${setting.init}"`);
  const say = (name, write = (value) => `"${value}"`) => {
    if (!same(setting[name], article[name])) parts.push(`${name}=${write(setting[name])}`);
  };
  say("activation");
  say("batch_size", (size) => (size === "full" ? '"full"' : size));
  const layers = layersOf(setting, facts);
  if (!same(layers, facts.defaults.layers)) parts.push(`layers=(${layers.join(", ")})`);
  say("optimizer");
  say("normalization");
  say("weight_decay", float);
  say("dropout", float);
  say("data", (name) => facts.sets.find((set) => set.name === name).call);
  say("loss");
  say("output");
  say("tolerance", float);
  say("max_updates", String);
  say("init_seed", String);
  say("shuffle", (yes) => (yes ? "True" : "False"));
  say("order_seed", String);
  return `nnlab.Experiment(${parts.join(", ")})`;
}
