// The controls beside the learning rate: each shows a field of the setting and asks for a change.

import { make, put } from "./elements.js";
import { MOST_HIDDEN, MOST_UNITS, fieldsOf } from "./fields.js";
import { isDark } from "./look.js";
import { short, t } from "./words.js";

/** Batch sizes that a slider stops at. */
export function sizesFor(patterns) {
  if (patterns <= 8) return [...Array.from({ length: patterns - 1 }, (_, k) => k + 1), "full"];
  return [...[1, 2, 4, 8, 16, 32, 64, 128, 256].filter((size) => size < patterns), "full"];
}

export class Controls {
  /**
   * change: called with the fields that a reader has changed; complain: with a sentence; plot: with a
   * canvas and the name of an activation.
   */
  constructor(parent, facts, { change, complain, plot }) {
    Object.assign(this, { parent, facts, change, complain, plot });
    this.fields = fieldsOf(facts);
    this.shows = []; // functions that bring a control to a setting
  }

  /** Make all controls anew, in the language of the moment. */
  build() {
    this.shows = [];
    const { facts } = this, names = (list) => list.map((name) => [name, name]);
    const norms = facts.normalizations.map((name) => [name ?? "none", name ?? t().none]);
    const optimizers = facts.optimizers.map((rule) => rule.name);
    this.parent.replaceChildren(
      this.control(2, "init", this.choice("init", names(facts.initializers)), this.logSlider("scale", -1, 1)),
      this.control(3, "activation", this.withPicture("activation", names(facts.activations))),
      this.control(4, "batch_size", this.batchNumber(), this.batchSlider()),
      this.control(5, "layers", this.steppers()),
      this.control(6, "optimizer", this.choice("optimizer", names(optimizers)), this.schedule()),
      this.control(7, "normalization", this.choice("normalization", norms, (name) => (name === "none" ? null : name))),
      this.conditions(),
    );
    this.parent.querySelectorAll(".second:empty").forEach((each) => each.remove());
  }

  show(setting) {
    this.setting = setting;
    for (const show of this.shows) show(setting);
  }

  control(part, name, main, second) {
    const label = make("label", { htmlFor: name },
      ...(part ? [make("i", { className: "badge", textContent: part })] : []),
      make("span", { textContent: t()[name] }));
    const row = make("div", { className: "row" }, label, main);
    const box = make("div", { className: "control" }, row, ...(second ? [second] : []));
    if (part) box.dataset.part = part;
    return box;
  }

  choice(name, options, read = (value) => value) {
    const select = make("select", { id: name }, ...options.map(([value, words]) => new Option(words, value)));
    select.addEventListener("change", () => this.change({ [name]: read(select.value) }));
    this.shows.push((setting) => (select.value = setting[name] ?? "none"));
    return select;
  }

  /** A choice of functions, with the chosen one's graph beside it. */
  withPicture(name, options) {
    const graph = make("canvas", { className: "function", "aria-hidden": "true" });
    this.shows.push((setting) => {
      const key = `${setting[name]} ${isDark()}`;
      if (graph.dataset.key === key) return;
      graph.dataset.key = key;
      setTimeout(() => this.plot(graph, setting[name]), 50);
    });
    return make("div", { className: "row" }, graph, this.choice(name, options));
  }

  number(name, id = name) {
    const input = make("input", { id, className: "number", inputMode: "decimal", autocomplete: "off" });
    if (id !== name) input.setAttribute("aria-label", t().asNumber(t()[name]));
    input.addEventListener("change", () => {
      const value = this.fields[name].read(input.value.trim());
      input.setAttribute("aria-invalid", value === undefined);
      if (value === undefined) this.complain(t().wrongValue(t()[name], input.value, this.fields[name].allowed));
      else this.change({ [name]: value });
    });
    this.shows.push((setting) => {
      if (document.activeElement === input && input.getAttribute("aria-invalid") === "true") return;
      input.value = setting[name];
      input.setAttribute("aria-invalid", false);
    });
    return input;
  }

  logSlider(name, low, high) {
    const slider = make("input", { id: name, type: "range", min: low, max: high, step: 0.02 });
    slider.addEventListener("input", () => this.change({ [name]: Number(short(10 ** slider.value)) }));
    this.shows.push((setting) => {
      slider.value = Math.log10(setting[name]);
      slider.setAttribute("aria-valuetext", setting[name]);
    });
    const label = make("label", { htmlFor: name, textContent: t()[name] });
    return make("div", { className: "second" }, label, slider, this.number(name, `${name}-number`));
  }

  batchNumber() {
    const shown = make("output", { htmlFor: "batch_size" });
    this.shows.push(({ batch_size: size }) => put(shown, "textContent", size === "full" ? t().full : size));
    return shown;
  }

  batchSlider() {
    const slider = make("input", { id: "batch_size", type: "range", min: 0, step: 1 });
    const sizes = () => sizesFor(this.facts.sets.find((set) => set.name === this.setting.data).patterns);
    slider.addEventListener("input", () => this.change({ batch_size: sizes()[slider.value] }));
    this.shows.push((setting) => {
      const stops = sizes(), at = stops.indexOf(setting.batch_size);
      slider.max = stops.length - 1;
      slider.value = at >= 0 ? at : stops.findIndex((size) => size === "full" || size > setting.batch_size);
      slider.setAttribute("aria-valuetext", setting.batch_size);
    });
    return make("div", { className: "second" }, slider);
  }

  steppers() {
    const box = make("div", { className: "steppers", id: "layers" });
    const button = (words, label, hidden, off) => {
      const made = make("button", { type: "button", textContent: words, "aria-label": label, title: label, disabled: off });
      made.addEventListener("click", () => this.change({ hidden: hidden() }));
      return made;
    };
    this.shows.push(({ hidden }) => {
      if (box.dataset.key === String(hidden)) return;
      box.dataset.key = hidden;
      const focused = [...box.children].indexOf(document.activeElement);
      box.replaceChildren(
        button("−", t().fewerLayers, () => hidden.slice(0, -1), !hidden.length),
        make("b", { textContent: hidden.join(" – ") || t().none }),
        button("+", t().moreLayers, () => [...hidden, hidden.at(-1) ?? 4], hidden.length === MOST_HIDDEN),
      );
      if (focused >= 0) box.children[focused]?.focus();
    });
    return box;
  }

  schedule() {
    const names = this.facts.schedules.map((rule) => [rule.name, rule.name.replace("_", " ")]);
    const span = this.number("span", "span");
    const label = make("label", { htmlFor: "span", textContent: t().span });
    this.shows.push((setting) => {
      span.hidden = label.hidden = setting.schedule === "constant";
    });
    return make("div", { className: "second" },
      make("label", { htmlFor: "schedule", textContent: t().schedule }), this.choice("schedule", names), label, span);
  }

  conditions() {
    const { facts } = this, plain = (list) => list.map((name) => [name, name.replace("_", " ")]);
    const shuffle = make("input", { id: "shuffle", type: "checkbox" });
    shuffle.addEventListener("change", () => this.change({ shuffle: shuffle.checked }));
    this.shows.push((setting) => (shuffle.checked = setting.shuffle));
    const numbers = ["weight_decay", "dropout", "tolerance", "max_updates", "init_seed", "order_seed"];
    return make("details", { open: this.parent.querySelector("details")?.open ?? false },
      make("summary", { textContent: t().conditions }),
      this.control(0, "loss", this.choice("loss", plain(facts.losses))),
      this.control(0, "output", this.choice("output", plain(facts.outputs))),
      this.control(0, "shuffle", shuffle),
      ...numbers.map((name) => this.control(0, name, this.number(name))));
  }
}

/** Buttons on the diagram: a unit more or fewer in each hidden layer. */
export function unitButtons(parent, hidden, places, change) {
  const focused = document.activeElement?.dataset?.unit;
  parent.replaceChildren(...hidden.flatMap((units, k) =>
    [-1, 1].map((step) => {
      const label = (step > 0 ? t().moreUnits : t().fewerUnits)(k + 1);
      const made = make("button", { type: "button", textContent: step > 0 ? "+" : "−", "aria-label": label, title: label });
      made.disabled = units + step < 1 || units + step > MOST_UNITS;
      made.dataset.unit = `${k}${step}`;
      made.style.left = `${places[k + 1] + 13 * step}px`;
      made.addEventListener("click", () => change({ hidden: hidden.map((n, j) => (j === k ? n + step : n)) }));
      return made;
    })));
  if (focused) parent.querySelector(`[data-unit="${focused}"]`)?.focus();
}
