// Lines over time, drawn by uPlot: errors, weights, shares. Grey ghosts stand behind, a moment in front.

import uPlot from "uplot";
import { colours } from "./look.js";

const FONT = "11px system-ui, sans-serif";
const place = { log: (u) => Math.log10(1 + u), linear: (u) => u };

/** A number of updates as the axis of time has it. */
export const onAxis = (axis, updates) => place[axis](updates);

/** Where an axis of time ends: at a whole power of ten, or a round number. */
export function reach(axis, updates) {
  if (axis === "log") return Math.max(2, Math.ceil(Math.log10(1 + updates) - 0.02));
  const size = 10 ** Math.floor(Math.log10(Math.max(10, updates)));
  return Math.ceil(updates / size - 1e-9) * size;
}

export function shortCount(n) {
  if (n >= 1e6) return `${n / 1e6}M`;
  return n >= 1e3 ? `${n / 1e3}k` : String(n);
}

const sizeFor = (width) => ({ width: Math.max(120, Math.floor(width)), height: 168 });
const decades = (end) => Array.from({ length: Math.floor(end) + 1 }, (_, k) => k);

export class TimeChart {
  /**
   * element: an empty one, so many pixels wide (to ask it here would make the browser lay out the page
   * once a chart); lines: [{colour, width, dash}], colours as hex; band: whether lines 1 and 3 enclose
   * an area.
   */
  constructor(element, width, { lines, limits, band = false, steps = false }) {
    this.limits = limits;
    this.axis = "log";
    this.end = 3;
    this.ghosts = [];
    this.moment = null;
    this.element = element;
    const { grid, ink } = colours();
    const stepped = steps ? { paths: uPlot.paths.stepped({ align: 1 }) } : {};
    const axis = { stroke: ink, font: FONT, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
    this.plot = new uPlot({
      ...sizeFor(width),
      padding: [6, 12, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: () => [0, this.end] },
        y: { range: () => this.limits },
      },
      axes: [
        {
          ...axis,
          size: 22,
          gap: 3,
          splits: () => this.axis === "log" ? decades(this.end) : [0, 1, 2, 3, 4].map((k) => (k * this.end) / 4),
          values: (_, marks) => marks.map((mark) =>
            this.axis === "log" ? (mark === 0 ? "0" : shortCount(10 ** mark)) : shortCount(mark)),
        },
        { ...axis, size: 34, gap: 3, space: 28 },
      ],
      series: [{}, ...lines.map(({ colour, width = 1.5, dash }) => ({
        stroke: colour, width, dash, points: { show: false }, spanGaps: true, pxAlign: 0, ...stepped,
      }))],
      bands: band ? [{ series: [3, 1], fill: `${lines[1].colour}33` }] : [],
      hooks: { drawAxes: [() => this.behind()], draw: [() => this.inFront()] },
    }, [[0, 1], ...lines.map(() => [null, null])], this.element);
    this.width = width;
    this.observer = new ResizeObserver(([{ contentRect }]) => {
      if (contentRect.width !== this.width) this.plot.setSize(sizeFor((this.width = contentRect.width)));
    });
    this.observer.observe(element);
  }

  /** x: updates; columns: one list of numbers a line; ghosts: [{x, columns}]; moment: an update. */
  show({ x, columns, ghosts, axis, end, moment, limits }) {
    Object.assign(this, { axis, end, ghosts, moment });
    if (limits) this.limits = limits;
    const at = place[axis];
    this.plot.setData([Float64Array.from(x, at), ...columns]);
  }

  clip(draw) {
    const { ctx, bbox } = this.plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.setLineDash([]); // uPlot leaves its last line's
    draw(ctx);
    ctx.restore();
  }

  behind() {
    if (!this.ghosts.length) return;
    const { plot } = this, at = place[this.axis];
    this.clip((ctx) => {
      ctx.strokeStyle = colours().ghost;
      ctx.globalAlpha = 0.55;
      ctx.lineWidth = uPlot.pxRatio;
      for (const { x, columns } of this.ghosts)
        for (const column of columns) {
          ctx.beginPath();
          for (let k = 0; k < x.length; k++)
            ctx.lineTo(plot.valToPos(at(x[k]), "x", true), plot.valToPos(column[k], "y", true));
          ctx.stroke();
        }
    });
  }

  inFront() {
    if (this.moment === null) return;
    const x = this.plot.valToPos(place[this.axis](this.moment), "x", true);
    this.clip((ctx) => {
      ctx.strokeStyle = colours().accent;
      ctx.lineWidth = 1.5 * uPlot.pxRatio;
      ctx.beginPath();
      ctx.moveTo(x, 0);
      ctx.lineTo(x, 1e4);
      ctx.stroke();
    });
  }

  destroy() {
    this.observer.disconnect();
    this.plot.destroy();
  }
}
