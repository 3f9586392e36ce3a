// The page: one setting, what is asked of the worker about it, and what its answers are.

import { Compare } from "./compare.js";
import { Controls } from "./controls.js";
import { HIGH, LOW } from "./curve.js";
import { $, make, put } from "./elements.js";
import { articleOf, forEngine, fromHash, settled, toHash, toPython } from "./fields.js";
import { isDark, useTheme } from "./look.js";
import { BUDGET, MAP_RATES, MAP_SCALES, cellAt, cellFor, cellOf } from "./map.js";
import { copy, dialog, say, tell } from "./messages.js";
import { describe } from "./network.js";
import { PARTS, RATES as SUITED, SUITS, baseOf } from "./parts.js";
import { Pictures } from "./pictures.js";
import { Player } from "./player.js";
import { Scene } from "./scene.js";
import { buildSets, drawSets, showSet, walkSets } from "./sets.js";
import { Surveys } from "./surveys.js";
import { count, language, short, speak, t } from "./words.js";

const SEEDS = 100;
const QUIET = 150; // milliseconds without a change, after which idle work begins
const STAYED = 400; // milliseconds after which a setting counts as tried

export class Page {
  /** parts: what boot.js brings; probe: told what has been drawn, for tests and measurements. */
  constructor({ facts, sets, engine, worker }, probe) {
    Object.assign(this, { facts, sets, engine, worker, probe });
    this.article = articleOf(facts);
    this.base = baseOf(this.article);
    this.seeds = false;
    this.axis = "log";
    this.generation = 0;
    this.frame = null; // of the last single run
    this.many = null; // of the last hundred
    this.surveys = new Surveys();
    this.compare = new Compare(this.article, {
      revisit: ({ setting, seeds }) => this.change(setting, seeds),
      changed: () => this.drawSoon(),
    });
    this.player = new Player((atOnce) => (atOnce ? this.draw() : this.drawSoon()));
    worker.onmessage = ({ data }) => this.hear(data);
    worker.onerror = (event) => say(t().broken(event.message));
    const wrong = this.read(location.hash); // the worker trains while all the rest is made
    this.scene = new Scene(engine, sets);
    this.pictures = new Pictures(this, this.scene);
    this.controls = new Controls($("rest"), facts, {
      change: (changes) => this.change(changes),
      complain: say,
      plot: (canvas, name) => this.scene.drawFunction(canvas, name),
    });
    this.listen();
    this.present(wrong);
  }

  // --- the setting -------------------------------------------------------------------------------

  /** Take a link's setting and ask for it; return what is wrong in it. */
  read(hash) {
    const read = fromHash(hash, this.facts, this.base, PARTS.length);
    const { setting, wrong } = settled(read.setting, this.facts);
    this.part = read.part;
    this.setting = setting;
    this.player.toEnd();
    this.ask();
    return [...read.wrong, ...wrong];
  }

  /** Show a link's setting, and say what is wrong in it. */
  present(wrong) {
    this.speak();
    this.showControls();
    if (!wrong.length) return;
    const list = wrong.slice(0, 3).map((w) => t().wrongValue(w.name, String(w.value).slice(0, 40), w.allowed));
    say(t().wrongLink(list.join("; ")), 12000);
  }

  /** Change some fields; what then cannot be is changed along, and said. */
  change(changes, seeds = this.seeds) {
    const { setting, wrong } = settled({ ...this.setting, ...changes }, this.facts);
    this.setting = setting;
    this.seeds = seeds;
    if (wrong.length)
      say(wrong.map((w) => t().mended(t()[w.name], w.value, setting[w.name] ?? t().none)).join("; "));
    this.player.toEnd();
    this.ask();
    this.showControls();
  }

  /** Ask the worker for the setting of now; what it was asked for before is of no interest. */
  ask() {
    this.probe.generation = this.generation += 1;
    this.done = this.probe.done = false;
    const { generation, setting, axis } = this;
    this.worker.postMessage({ type: "train", generation, setting, axis, seeds: this.seeds ? SEEDS : 0 });
    for (const timer of [this.surveying, this.linking, this.noting]) clearTimeout(timer);
    this.surveying = setTimeout(() => {
      const surveys = this.surveys.missing(setting);
      this.worker.postMessage({ type: "survey", generation, setting, surveys });
    }, QUIET);
    this.linking = setTimeout(() => this.link(), 2 * QUIET);
  }

  link() {
    const hash = `#${toHash(this.part, this.setting, this.base(this.part))}`;
    try {
      if (hash !== location.hash) history.replaceState(null, "", hash);
    } catch {} // some browsers limit how often, or forbid it to a file
  }

  // --- what the worker says ----------------------------------------------------------------------

  hear(message) {
    if (message.type === "survey") this.surveys.hear(message);
    else if (message.generation !== this.generation) return;
    else if (message.type === "error") say(t().broken(message.message), 20000);
    else {
      this.hearFrame(message);
      // The first picture of a setting is drawn at once: waiting for the next frame would show it one later.
      if (this.probe.shown !== this.generation) return this.draw();
    }
    this.drawSoon();
  }

  hearFrame({ type, frame }) {
    const whole = { ...frame, setting: this.setting };
    if (type === "run") [this.frame, this.many] = [whole, null];
    else this.many = whole;
    this.done = type === "run" ? frame.outcome !== "running" : frame.ended === frame.count;
    if (this.done) this.noting = setTimeout(() => this.note(), STAYED);
  }

  note() {
    tell(`${$("verdict").textContent}. ${$("details").textContent}`);
    this.compare.note({ setting: this.setting, seeds: this.seeds, frame: this.many ?? this.frame });
  }

  pin() {
    if (!this.done) return;
    const { setting, seeds, facts } = this;
    const { layers, parameters } = describe(forEngine(setting, facts), this.sets[setting.data], facts);
    const name = this.compare.pin({ setting, seeds, frame: this.many ?? this.frame, layers, parameters });
    if (name) say(t().pinned(name));
    this.drawSoon();
  }

  // --- pictures and words ------------------------------------------------------------------------

  drawSoon() {
    this.pending ??= requestAnimationFrame(() => {
      this.pending = null;
      this.draw();
    });
  }

  draw() {
    if (!this.pictures.draw()) return;
    const { probe } = this;
    probe.drawn += 1;
    probe.shown = this.generation;
    probe.done = this.done;
    probe.first ??= performance.now();
  }

  showControls() {
    const { setting } = this, rate = setting.learning_rate, number = $("learning_rate-number");
    $("learning_rate").value = Math.log10(rate);
    $("learning_rate").setAttribute("aria-valuetext", rate);
    if (document.activeElement !== number || number.getAttribute("aria-invalid") !== "true") {
      number.value = rate;
      number.setAttribute("aria-invalid", false);
    }
    this.controls.show(setting);
    showSet(setting.data);
    $("seeds").setAttribute("aria-pressed", this.seeds);
    put($("axis"), "textContent", this.axis === "log" ? t().axis_log : t().axis_linear);
  }

  /** Put all words on the page, in the language of the moment. */
  speak() {
    document.title = t().title;
    for (const each of document.querySelectorAll("[data-t]")) each.textContent = t()[each.dataset.t];
    for (const each of document.querySelectorAll("[data-t-label]"))
      each.setAttribute("aria-label", t()[each.dataset.tLabel]);
    $("hint").textContent = t().hints[this.part - 1];
    $("footer").textContent = t().footer;
    $("map-shown").textContent = t().mapAxes;
    $("map-canvas").setAttribute("aria-label", `${t().map_title}. ${t().mapAxes}`);
    $("legend").replaceChildren(...t().legend.map(([kind, word]) => make("span", {}, make("i", { className: kind }), word)));
    this.speakOfParts();
    this.controls.build();
    for (const each of document.querySelectorAll("[data-part]"))
      each.classList.toggle("current", Number(each.dataset.part) === this.part);
    buildSets(this.sets, (name) => this.change({ data: name, ...SUITS[name], learning_rate: SUITED[name] }));
    this.compare.draw();
    this.later(() => drawSets(this.sets));
    // A font for the other language takes its time to load.
    this.later(() => ($("language").textContent = language() === "ja" ? "English" : "日本語"));
  }

  speakOfParts() {
    $("parts").replaceChildren(...t().partNames.map((name, k) => {
      const link = make("a", { href: `#part=${k + 1}`, textContent: `${k + 1} ${name}` });
      if (k + 1 === this.part) link.setAttribute("aria-current", "page");
      return link;
    }));
    $("ends").replaceChildren(...[0.01, 0.1, 1, 10, 50].map((rate) => {
      const end = make("span", { textContent: rate });
      end.style.left = `calc(9px + (100% - 18px) * ${(Math.log10(rate) - LOW) / (HIGH - LOW)})`;
      return end;
    }));
  }

  /** Do what the first picture need not wait for. */
  later(job) {
    if (this.probe.first) job();
    else setTimeout(() => this.later(job), 30);
  }

  // --- what readers do ---------------------------------------------------------------------------

  listen() {
    const on = (id, type, act) => $(id).addEventListener(type, act);
    on("learning_rate", "input", (event) => this.change({ learning_rate: Number(short(10 ** event.target.value)) }));
    on("learning_rate-number", "change", (event) => this.typeRate(event.target));
    on("sets", "keydown", walkSets);
    on("reseed", "click", () => {
      const seed = this.setting.init_seed + 1;
      this.change({ init_seed: seed, order_seed: seed });
    });
    on("seeds", "click", () => this.change({}, !this.seeds));
    on("pin", "click", () => this.pin());
    on("axis", "click", () => {
      this.axis = this.axis === "log" ? "linear" : "log";
      this.ask();
      this.showControls();
    });
    on("language", "click", () => this.switchLanguage());
    on("theme", "click", () => this.switchTheme());
    on("share", "click", () => this.share());
    on("python", "click", () => dialog(t().pythonTitle, t().pythonWords, toPython(this.setting, this.facts)));
    on("dialog-copy", "click", () => copy($("dialog-text").value));
    on("map-canvas", "click", (event) => this.pickCell(cellAt($("map-canvas"), event.offsetX, event.offsetY)));
    on("map-canvas", "pointermove", (event) => this.tellCell(cellAt($("map-canvas"), event.offsetX, event.offsetY)));
    on("map-canvas", "keydown", (event) => this.walkMap(event));
    on("network-canvas", "click", (event) => {
      const seed = this.pictures.seedAt(event.offsetX, event.offsetY);
      if (seed !== undefined) this.change({ init_seed: seed, order_seed: seed }, false);
    });
    // Not location.hash: by now the page may have written its own setting there again.
    window.addEventListener("hashchange", (event) => this.present(this.read(new URL(event.newURL).hash)));
    new ResizeObserver(() => this.drawSoon()).observe($("stage"));
  }

  typeRate(input) {
    const value = this.controls.fields.learning_rate.read(input.value.trim());
    input.setAttribute("aria-invalid", value === undefined);
    if (value === undefined) say(t().badNumber(t().learning_rate, 0.0001, 1000));
    else this.change({ learning_rate: value });
  }

  switchLanguage() {
    speak(language() === "ja" ? "en" : "ja");
    this.speak();
    this.showControls();
    this.drawSoon();
  }

  switchTheme() {
    useTheme(isDark() ? "light" : "dark");
    this.pictures.curve.build();
    this.controls.show(this.setting);
    drawSets(this.sets);
    this.drawSoon();
  }

  async share() {
    this.link();
    if (!(await copy(location.href, t().copied))) dialog(t().shareTitle, "", location.href);
  }

  pickCell(number) {
    if (number === null) return;
    const [column, row] = cellOf(number);
    this.change({ learning_rate: MAP_RATES[column], scale: MAP_SCALES[row] });
  }

  /** Arrow keys go from cell to cell. */
  walkMap(event) {
    const [across, up] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [];
    if (across === undefined) return;
    event.preventDefault();
    const [column, row] = cellOf(cellFor(this.setting.learning_rate, this.setting.scale));
    const rate = MAP_RATES[column + across], scale = MAP_SCALES[row + up];
    if (rate === undefined || scale === undefined) return;
    this.change({ learning_rate: rate, scale });
    this.tellCell(cellFor(rate, scale));
  }

  tellCell(number) {
    const known = number === null ? undefined : this.surveys.of("map", this.setting).get(number);
    if (known === undefined) {
      $("map-shown").textContent = t().mapAxes;
      return;
    }
    const [column, row] = cellOf(number);
    const what = Number.isFinite(known) ? `${count(known)} ${t().updates}` : `${t().notLearned} (${count(BUDGET)})`;
    $("map-shown").textContent = t().mapCell(MAP_RATES[column], MAP_SCALES[row], what);
  }
}
