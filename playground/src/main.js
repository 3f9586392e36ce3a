// The page: one setting, what is asked of the worker, and what is drawn of its answers.

import { drawSeeds } from "./answers.js";
import { boot, isAble } from "./boot.js";
import { Controls, make, unitButtons } from "./controls.js";
import { Ensemble } from "./ensemble.js";
import { Curve, HIGH, LOW, RATES } from "./curve.js";
import { layOut } from "./diagram.js";
import { articleOf, forEngine, fromHash, layersOf, settled, toHash, toPython } from "./fields.js";
import { classColour, drawPixels, forget, isDark, patternColour, prepare, sizeOf, usePalettes, useTheme } from "./look.js";
import { BUDGET, MAP_RATES, MAP_SCALES, cellAt, cellOf, drawMap } from "./map.js";
import { describe } from "./network.js";
import { PARTS, RATES as SUITED, SUITS, baseOf } from "./parts.js";
import { coarseToFine, coarseToFine2 } from "./rows.js";
import { Scene } from "./scene.js";
import { Timeline } from "./timeline.js";
import { onAxis } from "./charts.js";
import { count, duration, language, percent, short, speak, t } from "./words.js";

const SEEDS = 100;
const QUIET = 150; // milliseconds without a change, after which idle work begins
const MAP_PAUSE = 120; // milliseconds between two pictures of the map
const $ = (id) => document.getElementById(id);
// For tests and measurements: what has been drawn, and the engine.
const probe = (window.nnlab = { drawn: 0, shown: 0, generation: 0, done: false, first: null, Ensemble, forEngine });

class Page {
  constructor({ facts, sets, engine, worker }) {
    Object.assign(this, { facts, sets, engine, worker });
    this.article = articleOf(facts);
    this.base = baseOf(this.article);
    this.seeds = false;
    this.axis = "log";
    this.moment = 1;
    this.pins = [];
    this.tried = [];
    this.curves = new Map();
    this.maps = new Map();
    this.frame = null; // of the last single run
    this.many = null; // of the seeds
    this.scene = new Scene(engine, sets);
    this.timeline = new Timeline($("charts"));
    this.curve = new Curve($("curve"));
    this.controls = new Controls($("rest"), facts, {
      change: (changes) => this.change(changes),
      complain: (sentence) => this.say(sentence),
      plot: (canvas, name) => this.scene.drawFunction(canvas, name),
    });
    worker.onmessage = ({ data }) => this.hear(data);
    worker.onerror = (event) => this.say(t().broken(event.message));
    this.listen();
    this.open(location.hash);
  }

  // --- the setting -------------------------------------------------------------------------------

  /** Take a link's setting; whatever is wrong in it is said. */
  open(hash) {
    const read = fromHash(hash, this.facts, this.base);
    const { setting, wrong } = settled(read.setting, this.facts);
    this.part = read.part;
    this.setting = setting;
    this.words();
    const all = [...read.wrong, ...wrong];
    if (all.length) {
      const list = all.slice(0, 3).map((w) => t().wrongValue(w.name, String(w.value).slice(0, 40), w.allowed));
      this.say(t().wrongLink(list.join("; ")), 12000);
    }
    this.ask();
  }

  change(changes) {
    const { setting, wrong } = settled({ ...this.setting, ...changes }, this.facts);
    this.setting = setting;
    if (wrong.length)
      this.say(wrong.map((w) => t().mended(t()[w.name], w.value, setting[w.name] ?? t().none)).join("; "));
    this.moment = 1;
    this.stop();
    this.ask();
  }

  /** Ask the worker for the setting of now; what it was asked for before is of no interest. */
  ask() {
    probe.generation += 1;
    this.generation = probe.generation;
    probe.done = false;
    this.worker.postMessage({
      type: "train",
      generation: this.generation,
      setting: this.setting,
      seeds: this.seeds ? SEEDS : 0,
      axis: this.axis,
    });
    clearTimeout(this.surveying);
    this.surveying = setTimeout(() => this.survey(), QUIET);
    this.showControls();
    clearTimeout(this.linking);
    this.linking = setTimeout(() => this.link(), 300);
  }

  /** Ask for what is missing of curve and map, once a reader has paused. */
  survey() {
    const { generation, setting } = this;
    const surveys = [this.curveToFill(), this.mapToFill()];
    this.worker.postMessage({ type: "survey", generation, setting, surveys });
  }

  link() {
    const hash = `#${toHash(this.part, this.setting, this.base(this.part))}`;
    if (hash !== location.hash) history.replaceState(null, "", hash);
  }

  curveKey(setting = this.setting) {
    return JSON.stringify({ ...setting, learning_rate: 0 });
  }

  mapKey() {
    return JSON.stringify({ ...this.setting, learning_rate: 0, scale: 0 });
  }

  curveToFill() {
    const key = this.curveKey(), known = kept(this.curves, key);
    const numbers = coarseToFine(RATES.length).filter((k) => !known.has(RATES[k]));
    return { kind: "curve", key, numbers, places: numbers.map((k) => ({ learning_rate: RATES[k] })) };
  }

  mapToFill() {
    const key = this.mapKey(), known = kept(this.maps, key);
    const numbers = coarseToFine2(MAP_RATES.length, MAP_SCALES.length).filter((k) => !known.has(k));
    const places = numbers.map((k) => {
      const [column, row] = cellOf(k);
      return { learning_rate: MAP_RATES[column], scale: MAP_SCALES[row] };
    });
    return { kind: "map", key, numbers, places };
  }

  // --- what the worker says ----------------------------------------------------------------------

  hear(message) {
    if (message.type === "survey") this.hearSurvey(message);
    else if (message.generation !== this.generation) return;
    else if (message.type === "error") this.say(t().broken(message.message), 20000);
    else {
      const done = message.type === "seeds" ? message.frame.ended >= message.frame.count : message.frame.outcome !== "running";
      if (message.type === "run") {
        this.frame = { ...message.frame, setting: this.setting };
        this.many = null;
      } else this.many = { ...message.frame, setting: this.setting };
      this.done = done;
      if (done) this.settle();
    }
    this.drawSoon();
  }

  hearSurvey({ kind, key, ended }) {
    const known = kept(kind === "curve" ? this.curves : this.maps, key);
    for (const [number, updates, outcome] of ended)
      known.set(kind === "curve" ? RATES[number] : number, outcome === "converged" ? Math.max(1, updates) : Infinity);
  }

  /** Note what became of a setting, once a reader has stayed with it. */
  settle() {
    const generation = this.generation;
    clearTimeout(this.noting);
    this.noting = setTimeout(() => {
      if (generation !== this.generation) return;
      $("spoken").textContent = `${$("verdict").textContent}. ${$("details").textContent}`;
      const key = JSON.stringify([this.setting, this.seeds]);
      this.tried = this.tried.filter((each) => each.key !== key);
      this.tried.unshift({ key, setting: this.setting, seeds: this.seeds, frame: this.many ?? this.frame });
      this.tried.length = Math.min(this.tried.length, 40);
      this.drawTried();
    }, 400);
  }

  // --- pictures ----------------------------------------------------------------------------------

  drawSoon() {
    this.pending ??= requestAnimationFrame(() => {
      this.pending = null;
      this.draw();
    });
  }

  draw() {
    if (!this.frame && !this.many) return;
    this.drawVerdict();
    this.drawCurve();
    this.mapping ??= setTimeout(() => this.drawMap(), MAP_PAUSE);
    if (this.many) this.drawMany();
    else this.drawRun();
    probe.drawn += 1;
    probe.shown = this.generation;
    probe.done = this.done;
    probe.first ??= performance.now();
  }

  drawVerdict() {
    const html = this.many ? this.seedsVerdict() : this.runVerdict();
    put($("verdict"), "innerHTML", html[0]);
    put($("details"), "textContent", html[1]);
  }

  runVerdict() {
    const { outcome, updates, epochs, spent, measures, findings } = this.frame, words = [t().counts(count(epochs), duration(spent))];
    if (measures && outcome !== "diverged")
      words.push(t().accuracy(percent(measures.learned.right.at(-1)), measures.heldOut && percent(measures.heldOut.right.at(-1))));
    words.push(...findings.map((each) => t().found[each.what](each)));
    return [t()[outcome](count(updates)), words.join(" · ")];
  }

  seedsVerdict() {
    const { learned, ended, median, diverged, budget, count: all } = this.many;
    const middle = Number.isFinite(median) ? count(median) : t().never;
    const details = all === 1 ? t().seedsSame : t().seedsDetails(middle, diverged, count(budget));
    return [t().seedsVerdict(learned.length, ended), ended ? details : ""];
  }

  drawCurve() {
    const { setting } = this, result = this.many ?? this.frame;
    const updates = this.many ? this.many.median : this.frame.updates;
    const learned = this.many ? Number.isFinite(updates) : ["converged", "running"].includes(result.outcome);
    this.curve.show({
      points: kept(this.curves, this.curveKey()),
      ghosts: this.pins.filter((pin) => pin.curveKey !== this.curveKey()).map((pin) => ({ points: kept(this.curves, pin.curveKey) })),
      here: { rate: setting.learning_rate, updates, learned },
    });
  }

  drawMap() {
    this.mapping = null;
    const { learning_rate: rate, scale } = this.setting;
    drawMap($("map-canvas"), kept(this.maps, this.mapKey()), { rate, scale },
      this.pins.map(({ setting }) => ({ rate: setting.learning_rate, scale: setting.scale })));
  }

  drawRun() {
    const { frame, axis } = this, { setting } = frame, data = this.sets[setting.data];
    const network = describe(forEngine(setting, this.facts), data, this.facts);
    const row = this.row();
    this.timeline.showRun({
      setting, data, network, frame, axis,
      pins: this.pins.filter((pin) => !pin.seeds),
      moment: this.moment < 1 ? frame.rows[row] : null,
    });
    const weights = frame.weights.subarray(row * network.parameters, (row + 1) * network.parameters);
    this.arrangeHero(false);
    this.scene.draw({ network: $("network-canvas"), answer: $("answer-canvas") }, setting, weights);
    put($("answer-caption"), "textContent", this.scene.caption(setting));
    put($("moment"), "value", String(Math.round(1000 * this.moment)));
    put($("moment-shown"), "textContent", t().update(count(frame.rows[row])));
  }

  drawMany() {
    this.timeline.showSeeds({ frame: this.many, axis: this.axis, pins: this.pins.filter((pin) => pin.seeds) });
    this.arrangeHero(true);
    this.dots = drawSeeds($("network-canvas"), this.many.ends, this.many.budget);
    $("answer-caption").textContent = t().seedsCaption;
  }

  /** The hundred dots take the whole card; the diagram leaves room for what the network answers. */
  arrangeHero(many) {
    const layers = layersOf(this.setting, this.facts), { width, height } = sizeOf($("network-canvas"));
    const key = `${many} ${layers} ${this.setting.data} ${width} ${language()}`;
    if (key === this.heroKey) return;
    this.heroKey = key;
    if (document.querySelector(".hero").classList.toggle("many", many) !== this.wasMany) forget($("network-canvas"));
    this.wasMany = many;
    document.querySelector(".time").hidden = $("legend").hidden = many;
    $("network-canvas").setAttribute("aria-label", many ? t().seedsCaption : t().networkLabel(layers));
    $("answer-canvas").setAttribute("aria-label", this.scene.caption(this.setting));
    if (many) $("network-buttons").replaceChildren();
    else unitButtons($("network-buttons"), this.setting.hidden, layOut(layers, width, height, layers[0] === 64).middles, (c) => this.change(c));
  }

  /** The row of history that the moment means. */
  row() {
    const { rows } = this.frame, last = rows.length - 1;
    if (this.moment >= 1) return last;
    const end = onAxis(this.axis, rows[last]) * this.moment;
    let row = 0;
    while (row < last && onAxis(this.axis, rows[row + 1]) <= end) row++;
    return row;
  }

  // --- pins and what was tried -------------------------------------------------------------------

  pin() {
    const result = this.many ?? this.frame;
    if (!result || !this.done) return;
    const taken = new Set(this.pins.map((pin) => pin.name));
    const name = [..."ABCDEFGH"].find((letter) => !taken.has(letter));
    if (!name) return;
    const { setting } = this, network = describe(forEngine(setting, this.facts), this.sets[setting.data], this.facts);
    this.pins.push({
      name, setting, seeds: this.seeds, frame: result, layers: network.layers, parameters: network.parameters,
      curveKey: this.curveKey(),
    });
    this.say(t().pinned(name));
    this.drawPins();
    this.drawSoon();
  }

  label(setting) {
    const parts = Object.keys(this.article).filter((name) => String(setting[name]) !== String(this.article[name]))
      .map((name) => `${t()[name === "hidden" ? "layers" : name] ?? name} ${name === "hidden" ? setting.hidden.join("–") || t().none : setting[name] ?? t().none}`);
    return parts.join(", ") || t().changedNothing;
  }

  drawPins() {
    $("pins").replaceChildren(...(this.pins.length ? this.pins.map((pin) => {
      const go = make("button", { type: "button", textContent: `${this.label(pin.setting)}: ${this.outcomeOf(pin)}` });
      go.addEventListener("click", () => this.revisit(pin));
      const remove = make("button", { type: "button", className: "round", textContent: "×", "aria-label": t().unpin(pin.name) });
      remove.addEventListener("click", () => {
        this.pins = this.pins.filter((each) => each !== pin);
        this.drawPins();
        this.drawSoon();
      });
      return make("div", { className: "pin" }, make("b", { textContent: pin.name }), go, remove);
    }) : [make("p", { className: "small", textContent: t().noPins })]));
  }

  outcomeOf({ frame, seeds }) {
    if (seeds) return `${frame.learned.length} / ${frame.ended}`;
    return `${t().outcomes[frame.outcome]}, ${count(frame.updates)}`;
  }

  drawTried() {
    $("tried").replaceChildren(...this.tried.map((each) => {
      const go = make("button", { type: "button", textContent: this.label(each.setting) });
      go.addEventListener("click", () => this.revisit(each));
      const { frame } = each;
      const outcome = each.seeds ? `${frame.learned.length} / ${frame.ended}` : t().outcomes[frame.outcome];
      const updates = each.seeds ? (Number.isFinite(frame.median) ? count(frame.median) : "–") : count(frame.updates);
      return make("tr", {}, make("td", {}, go), make("td", { textContent: outcome }), make("td", { textContent: updates }));
    }));
  }

  revisit({ setting, seeds }) {
    this.seeds = seeds;
    this.change(setting);
  }

  // --- controls ----------------------------------------------------------------------------------

  showControls() {
    const { setting } = this, rate = setting.learning_rate;
    $("learning_rate").value = Math.log10(rate);
    $("learning_rate").setAttribute("aria-valuetext", rate);
    const number = $("learning_rate-number");
    if (document.activeElement !== number || number.getAttribute("aria-invalid") !== "true") {
      number.value = rate;
      number.setAttribute("aria-invalid", false);
    }
    this.controls.show(setting);
    $("seeds").setAttribute("aria-pressed", this.seeds);
    for (const each of $("sets").children) {
      each.setAttribute("aria-checked", each.dataset.set === setting.data);
      each.tabIndex = each.dataset.set === setting.data ? 0 : -1;
    }
    $("axis").textContent = this.axis === "log" ? t().axis_log : t().axis_linear;
  }

  /** Put all words on the page, in the language of the moment. */
  words() {
    document.title = t().title;
    for (const each of document.querySelectorAll("[data-t]")) each.textContent = t()[each.dataset.t];
    for (const each of document.querySelectorAll("[data-t-label]")) each.setAttribute("aria-label", t()[each.dataset.tLabel]);
    $("hint").textContent = t().hints[this.part - 1];
    $("footer").textContent = t().footer;
    $("legend").replaceChildren(...t().legend.map(([kind, word]) =>
      make("span", {}, make("i", { className: kind }), word)));
    $("ends").replaceChildren(...[0.01, 0.1, 1, 10, 50].map((rate) => {
      const end = make("span", { textContent: rate });
      end.style.left = `calc(9px + (100% - 18px) * ${(Math.log10(rate) - LOW) / (HIGH - LOW)})`;
      return end;
    }));
    // A font for the other language takes its time to load.
    later(() => ($("language").textContent = language() === "ja" ? "English" : "日本語"));
    $("language").lang = language() === "ja" ? "en" : "ja";
    $("map-shown").textContent = t().mapAxes;
    $("parts").replaceChildren(...t().partNames.map((name, k) => {
      const link = make("a", { href: `#part=${k + 1}`, textContent: `${k + 1} ${name}` });
      if (k + 1 === this.part) link.setAttribute("aria-current", "page");
      return link;
    }));
    this.controls.build();
    for (const each of document.querySelectorAll("[data-part]"))
      each.classList.toggle("current", Number(each.dataset.part) === this.part);
    this.drawSets();
    this.drawPins();
    this.drawTried();
  }

  drawSets() {
    $("sets").replaceChildren(...this.facts.sets.map(({ name }) => {
      const canvas = make("canvas"), button = make("button", { type: "button", role: "radio", title: t().sets[name] }, canvas, t().sets[name]);
      button.dataset.set = name;
      button.addEventListener("click", () => this.change({ data: name, ...SUITS[name], learning_rate: SUITED[name] }));
      return button;
    }));
    later(() => {
      for (const each of $("sets").children) thumbnail(each.firstChild, this.sets[each.dataset.set]);
    });
    if (this.setting) this.showControlsOfSets();
  }

  showControlsOfSets() {
    for (const each of $("sets").children) each.setAttribute("aria-checked", each.dataset.set === this.setting.data);
  }

  listen() {
    $("learning_rate").addEventListener("input", (event) =>
      this.change({ learning_rate: Number(short(10 ** event.target.value)) }));
    $("learning_rate-number").addEventListener("change", (event) => {
      const value = this.controls.fields.learning_rate.read(event.target.value.trim());
      event.target.setAttribute("aria-invalid", value === undefined);
      if (value === undefined) this.say(t().badNumber(t().learning_rate, 0.0001, 1000));
      else this.change({ learning_rate: value });
    });
    $("sets").addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const all = [...$("sets").children], at = all.findIndex((each) => each.dataset.set === this.setting.data);
      const next = all[(at + step + all.length) % all.length].dataset.set;
      all[(at + step + all.length) % all.length].click();
      $("sets").querySelector(`[data-set="${next}"]`).focus();
    });
    $("reseed").addEventListener("click", () => {
      const seed = this.setting.init_seed + 1;
      this.change({ init_seed: seed, order_seed: seed });
    });
    $("seeds").addEventListener("click", () => {
      this.seeds = !this.seeds;
      this.change({});
    });
    $("pin").addEventListener("click", () => this.pin());
    $("axis").addEventListener("click", () => {
      this.axis = this.axis === "log" ? "linear" : "log";
      this.ask();
    });
    $("moment").addEventListener("input", (event) => {
      this.stop();
      this.moment = event.target.value / 1000;
      this.drawSoon();
    });
    $("play").addEventListener("click", () => (this.playing ? this.stop() : this.play()));
    $("language").addEventListener("click", () => {
      speak(language() === "ja" ? "en" : "ja");
      this.words();
      this.showControls();
      this.drawSoon();
    });
    $("theme").addEventListener("click", () => {
      useTheme(isDark() ? "light" : "dark");
      this.curve.build();
      this.drawSets();
      this.drawSoon();
    });
    $("share").addEventListener("click", () => this.share());
    $("python").addEventListener("click", () =>
      this.dialog(t().pythonTitle, t().pythonWords, toPython(this.setting, this.facts)));
    $("dialog-copy").addEventListener("click", () => this.copy($("dialog-text").value));
    $("map-canvas").addEventListener("click", (event) => this.pickCell(event));
    $("map-canvas").addEventListener("pointermove", (event) => this.readCell(event));
    $("network-canvas").addEventListener("click", (event) => this.pickSeed(event));
    window.addEventListener("hashchange", () => {
      this.moment = 1;
      this.open(location.hash);
    });
    new ResizeObserver(() => this.drawSoon()).observe($("stage"));
  }

  pickCell(event) {
    const number = cellAt($("map-canvas"), event.offsetX, event.offsetY);
    if (number === null) return;
    const [column, row] = cellOf(number);
    this.change({ learning_rate: MAP_RATES[column], scale: MAP_SCALES[row] });
  }

  readCell(event) {
    const number = cellAt($("map-canvas"), event.offsetX, event.offsetY);
    const known = number === null ? undefined : kept(this.maps, this.mapKey()).get(number);
    if (known === undefined) $("map-shown").textContent = t().mapAxes;
    else {
      const [column, row] = cellOf(number);
      const what = Number.isFinite(known) ? `${count(known)} ${t().updates}` : `${t().notLearned} (${count(BUDGET)})`;
      $("map-shown").textContent = t().mapCell(MAP_RATES[column], MAP_SCALES[row], what);
    }
  }

  /** A click on one of the hundred dots opens that seed's run. */
  pickSeed(event) {
    if (!this.many || this.many.count < 2) return;
    const { left, top, cell, columns } = this.dots;
    const seed = Math.floor((event.offsetY - top) / cell) * columns + Math.floor((event.offsetX - left) / cell);
    if (seed < 0 || seed >= this.many.ended) return;
    this.seeds = false;
    this.change({ init_seed: seed, order_seed: seed });
  }

  play() {
    this.playing = true;
    $("play").textContent = "❚❚";
    $("play").setAttribute("aria-label", t().pause);
    if (this.moment >= 1) this.moment = 0;
    let last = performance.now();
    const step = (now) => {
      if (!this.playing) return;
      this.moment = Math.min(1, this.moment + (now - last) / 7000);
      last = now;
      this.draw();
      if (this.moment >= 1) this.stop();
      else requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  stop() {
    this.playing = false;
    $("play").textContent = "▶";
    $("play").setAttribute("aria-label", t().play);
  }

  async share() {
    this.link();
    await this.copy(location.href, t().copied) || this.dialog(t().shareTitle, "", location.href);
  }

  async copy(text, sentence = "✓") {
    try {
      await navigator.clipboard.writeText(text);
      this.say(sentence);
      return true;
    } catch {
      $("dialog-text").select();
      return false;
    }
  }

  dialog(title, words, text) {
    $("dialog-title").textContent = title;
    $("dialog-words").textContent = words;
    $("dialog-text").value = text;
    $("dialog").showModal();
    $("dialog-text").select();
  }

  say(sentence, milliseconds = 5000) {
    $("toast").textContent = sentence;
    $("toast").classList.add("shown");
    clearTimeout(this.saying);
    this.saying = setTimeout(() => $("toast").classList.remove("shown"), milliseconds);
  }
}

/** Do what the first picture need not wait for. */
function later(job) {
  if (probe.first) job();
  else setTimeout(() => later(job), 30);
}

/** Set a property only if it changes, so that the browser has nothing to lay out anew. */
const shown = new WeakMap();
function put(element, name, value) {
  if (shown.get(element) === value && element[name] !== "") return;
  shown.set(element, value);
  element[name] = value;
}

/** The map under a key, made when first asked for. */
function kept(maps, key) {
  if (!maps.has(key)) maps.set(key, new Map());
  return maps.get(key);
}

/** A small picture of a data set. */
function thumbnail(canvas, data) {
  const { context, width, height } = prepare(canvas);
  if (data.nIn === 64) {
    drawPixels(context, 8, 8, (k, pixels, at) => {
      const shade = Math.round(255 * (isDark() ? data.inputs[k] : 1 - data.inputs[k]));
      pixels.set([shade, shade, shade, 255], at);
    }, 0, 0, width, height, false);
    return;
  }
  if (data.nIn === 3) {
    for (let p = 0; p < 6; p++)
      for (let bit = 0; bit < 3; bit++) {
        context.fillStyle = patternColour(p);
        context.globalAlpha = data.inputs[3 * p + bit] ? 1 : 0.16;
        context.fillRect(width * (0.2 + 0.2 * bit), height * (0.12 + 0.13 * p), width * 0.18, height * 0.11);
      }
    context.globalAlpha = 1;
    return;
  }
  const most = data.inputs.reduce((a, x) => Math.max(a, Math.abs(x)), 0) * 1.08;
  for (let p = 0; p < data.patterns; p++) {
    context.fillStyle = classColour(data.targets[p] > 0.5 ? 1 : 0);
    context.fillRect((0.5 + data.inputs[2 * p] / most / 2) * width - 0.9, (0.5 - data.inputs[2 * p + 1] / most / 2) * height - 0.9, 1.8, 1.8);
  }
}

async function start() {
  useTheme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  speak(/^ja\b/.test(navigator.language) || /[#&]lang=ja\b/.test(location.hash) ? "ja" : "en");
  const sorry = (words) => {
    $("sorry").textContent = words;
    $("sorry").hidden = false;
    document.querySelector("main").hidden = true;
  };
  if (!isAble()) return sorry(t().noWasm);
  try {
    const parts = await boot();
    usePalettes(parts.facts.colours);
    document.querySelector("main").hidden = false;
    window.nnlab.page = new Page(parts);
  } catch (error) {
    sorry(t().broken(String(error)));
  }
}

start();
