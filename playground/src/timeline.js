// The charts over time: which there are for a setting, and what they show of a frame.

import { chosen } from "./diagram.js";
import { TimeChart, reach } from "./charts.js";
import { make } from "./elements.js";
import { colours, isDark, patternColour, unitColour } from "./look.js";
import { language, t } from "./words.js";

const MOST_CHARTS = 3; // of weights
const MOST_SOURCES = 8; // of a layer whose weights are drawn: more lines can't be told apart

export class Timeline {
  constructor(element) {
    this.element = element;
    this.charts = [];
    this.key = "";
  }

  /** Build the charts anew where their lines have changed. */
  arrange(key, build) {
    const whole = `${key} ${isDark()} ${language()}`;
    if (whole === this.key) return;
    this.key = whole;
    for (const { chart } of this.charts) chart.destroy();
    this.element.replaceChildren();
    this.charts = build().map(({ title, legend = [], ...rest }) => {
      const words = legend.map(([name, colour]) => {
        const em = make("em", { textContent: name });
        em.style.color = colour;
        return em;
      });
      const heading = make("h3", {}, title, make("span", {}, ...words));
      const holder = make("div");
      this.element.append(make("div", { className: "card chart", role: "img", "aria-label": title }, heading, holder));
      return { ...rest, holder };
    });
    this.element.className = `charts n${this.charts.length}`;
    const widths = this.charts.map(({ holder }) => holder.clientWidth);
    this.charts.forEach((each, k) => (each.chart = new TimeChart(each.holder, widths[k], each.options)));
  }

  /** Show a run. network: of network.js; pins: other runs' frames with their networks. */
  showRun({ setting, data, network, frame, pins, axis, moment }) {
    const { layers } = network, few = frame.errors.length > 0;
    this.arrange(`run ${layers} ${setting.data}`, () => [
      few ? this.errorChart(data) : this.meanChart(frame),
      ...this.weightCharts(network),
    ]);
    const last = Math.max(frame.updates, ...pins.map((pin) => pin.frame.updates));
    const end = reach(axis, last);
    for (const { chart, columns, limits, fits } of this.charts) {
      const ghosts = pins.filter((pin) => fits(pin)).map((pin) => ({ x: pin.frame.rows, columns: columns(pin.frame) }));
      const own = columns(frame);
      chart.show({ x: frame.rows, columns: own, ghosts, axis, end, moment, limits: limits(own) });
    }
  }

  errorChart(data) {
    const width = data.patterns, all = Array.from({ length: width }, (_, k) => k);
    return {
      title: t().errorTitle,
      legend: data.labels.slice(0, 6).map((label, k) => [label.split(" ").at(-1), patternColour(k)]),
      options: { lines: all.map((k) => ({ colour: patternColour(k) })), limits: [-0.03, 1.06] },
      columns: ({ errors, rows }) => all.map((k) => column(errors, width, k, rows.length)),
      limits: (columns) => [-0.03, Math.max(1.06, 1.06 * roof(columns, 1e3))],
      fits: (pin) => pin.setting.data === data.name,
    };
  }

  meanChart(frame) {
    const { ink, held_out: other } = colours(), both = Boolean(frame.measures.heldOut);
    return {
      title: t().meanErrorTitle,
      legend: [[t().learnedFrom, ink], ...(both ? [[t().heldOut, other]] : [])],
      options: { lines: [{ colour: ink, width: 2 }, ...(both ? [{ colour: other, width: 2 }] : [])], limits: [0, 1] },
      columns: ({ measures }) =>
        [measures?.learned.error, measures?.heldOut?.error].filter(Boolean),
      limits: (columns) => [-0.01, Math.max(0.1, 1.06 * roof(columns, 4))],
      fits: (pin) => Boolean(pin.frame.measures),
    };
  }

  weightCharts({ layers, shapes, sizes, parameters }) {
    const starts = sizes.map((_, k) => sizes.slice(0, k).reduce((a, b) => a + b, 0));
    const shown = shapes.map((_, k) => k).filter((k) => k < MOST_CHARTS - 1 || k === shapes.length - 1).slice(-MOST_CHARTS);
    return shown.map((layer) => {
      const [rows, n] = shapes[layer], final = layer === shapes.length - 1 && shapes.length > 1;
      const sources = [...chosen(rows - 1).slice(0, MOST_SOURCES), rows - 1];
      const places = sources.flatMap((row) => chosen(n).map((unit) => ({ row, unit })));
      const bias = (row) => row === rows - 1;
      return {
        title: t().weightsTitle(layer, rows * n),
        options: {
          lines: places.map(({ row, unit }) => ({
            colour: final ? (bias(row) ? colours().bias : unitColour(row)) : unitColour(unit),
            dash: bias(row) ? [4, 3] : undefined,
            width: 1.3,
          })),
          limits: [-5, 5],
        },
        columns: ({ weights, rows: moments }) =>
          places.map(({ row, unit }) => column(weights, parameters, starts[layer] + row * n + unit, moments.length)),
        limits: (columns) => {
          const most = rounded(roof(columns, 1e4));
          return [-most, most];
        },
        fits: (pin) => String(pin.layers) === String(layers) && pin.parameters === parameters,
      };
    });
  }

  /** Show many seeds: the band of their errors, and how many have learned by when. */
  showSeeds({ frame, pins, axis }) {
    const main = colours().choices[0];
    this.arrange(`seeds ${Boolean(frame.band)}`, () => [
      ...(frame.band ? [{
        title: t().worstTitle,
        options: {
          lines: [{ colour: main, width: 0.5 }, { colour: main, width: 2.2 }, { colour: main, width: 0.5 }],
          limits: [-0.03, 1.06],
          band: true,
        },
        data: ({ band }) => band && { x: band.times, columns: [band.low, band.mid, band.high] },
      }] : []),
      {
        title: t().learnedTitle,
        options: { lines: [{ colour: main, width: 2.2 }], limits: [-0.03, 1.06], steps: true },
        data: ({ learned, ended, last }) => ({
          x: [0, ...learned, Math.max(last, learned.at(-1) ?? 0)],
          columns: [[0, ...[...learned].map((_, k) => (k + 1) / ended), learned.length / Math.max(1, ended)]],
        }),
      },
    ]);
    const end = reach(axis, Math.max(10, frame.last, ...pins.map((pin) => pin.frame.last)));
    for (const { chart, data } of this.charts) {
      const shown = data(frame);
      if (!shown) continue;
      const ghosts = pins.map((pin) => data(pin.frame)).filter(Boolean)
        .map(({ x, columns }) => ({ x, columns: columns.length === 3 ? [columns[1]] : columns }));
      chart.show({ ...shown, ghosts, axis, end, moment: null });
    }
  }
}

const column = (flat, width, k, rows) => {
  const values = new Float64Array(rows);
  for (let row = 0; row < rows; row++) values[row] = flat[row * width + k];
  return values;
};

/** The largest size of a finite number, or `most` if it is beyond. */
function roof(columns, most) {
  let found = 0;
  for (const each of columns)
    for (const value of each) if (Math.abs(value) > found && Math.abs(value) < 1e9) found = Math.abs(value);
  return Math.min(most, found);
}

function rounded(size) {
  for (let power = 1; ; power *= 10)
    for (const step of [1, 2, 5]) if (size <= step * power) return step * power * 1.05;
}
