// The curve over its slider: updates until learned at each learning rate. The slider's thumb stands
// under the point that it has chosen, so both share one axis.

import uPlot from "uplot";
import { shortCount } from "./charts.js";
import { colours } from "./look.js";
import { t } from "./words.js";

const THUMB = 9; // half a thumb: from there to there a slider's values go
export const LOW = -2, HIGH = Math.log10(50), POINTS = 33;

/** The learning rates that the curve is measured at. */
export const RATES = Array.from({ length: POINTS }, (_, k) =>
  Number((10 ** (LOW + (k * (HIGH - LOW)) / (POINTS - 1))).toPrecision(3)));

export class Curve {
  constructor(element) {
    this.element = element;
    this.points = new Map();
    this.ghosts = [];
    this.here = null;
    this.size = { width: element.clientWidth || 280, height: element.clientHeight || 92 };
    this.build();
    new ResizeObserver(([{ contentRect: { width, height } }]) => {
      if (width === this.size.width && height === this.size.height) return;
      this.size = { width, height };
      this.plot.setSize(this.size);
    }).observe(element);
  }

  build() {
    this.plot?.destroy();
    const { ink } = colours();
    this.plot = new uPlot({
      ...this.size,
      padding: [8, THUMB, 4, THUMB],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false, range: () => [LOW, HIGH] }, y: { range: () => this.limits() } },
      axes: [{ show: false }, { show: false }],
      series: [{}, { stroke: ink, width: 1.5, points: { show: true, size: 4, fill: ink } }],
      hooks: { drawAxes: [() => this.grid()], draw: [() => this.marks()] },
    }, [[LOW, HIGH], [null, null]], this.element);
  }

  limits() {
    const known = [...this.points.values(), this.here?.updates ?? 0].filter((u) => u > 0 && Number.isFinite(u));
    const logs = known.map(Math.log10);
    return [Math.min(1, ...logs) - 0.2, Math.max(4, ...logs) + 0.35];
  }

  /** points: Map of rate to updates, Infinity where it was not learned; here: {rate, updates, learned}. */
  show({ points, ghosts, here }) {
    Object.assign(this, { points, ghosts, here });
    const rates = [...points.keys()].sort((a, b) => a - b);
    this.plot.setData([
      rates.map(Math.log10),
      rates.map((rate) => (Number.isFinite(points.get(rate)) ? Math.log10(points.get(rate)) : null)),
    ]);
    clearTimeout(this.saying);
    this.saying = setTimeout(() => this.say(rates), 500);
  }

  /** Tell the curve in words, for readers who don't see it. */
  say(rates) {
    const said = rates.map((rate) => {
      const updates = this.points.get(rate);
      return `${rate}: ${Number.isFinite(updates) ? updates : t().notLearned}`;
    });
    this.element.setAttribute("aria-label", `${t().curveTitle}. ${said.join("; ")}`);
  }

  x = (rate) => this.plot.valToPos(Math.log10(rate), "x", true);
  y = (updates) => this.plot.valToPos(Math.log10(updates), "y", true);

  grid() {
    const { ctx, bbox } = this.plot, [low, high] = this.limits(), px = uPlot.pxRatio;
    ctx.save();
    ctx.font = `${10 * px}px system-ui, sans-serif`;
    ctx.textBaseline = "bottom";
    ctx.fillStyle = colours().ghost;
    ctx.strokeStyle = colours().grid;
    ctx.lineWidth = px;
    for (let power = Math.ceil(low); power < high; power += 2) {
      const y = this.y(10 ** power);
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
      if (y > bbox.top + 20 * px) ctx.fillText(shortCount(10 ** power), bbox.left, y);
    }
    ctx.strokeStyle = ctx.fillStyle = colours().ghost;
    for (const { points } of this.ghosts) this.line(ctx, points);
    ctx.restore();
  }

  line(ctx, points) {
    ctx.beginPath();
    for (const rate of [...points.keys()].sort((a, b) => a - b))
      if (Number.isFinite(points.get(rate))) ctx.lineTo(this.x(rate), this.y(points.get(rate)));
    ctx.stroke();
  }

  marks() {
    const { ctx, bbox } = this.plot, px = uPlot.pxRatio;
    ctx.save();
    ctx.strokeStyle = colours().ghost;
    ctx.lineWidth = 1.2 * px;
    const top = bbox.top + 5 * px;
    for (const [rate, updates] of this.points)
      if (!Number.isFinite(updates)) this.cross(ctx, this.x(rate), top, 3 * px);
    if (this.here) {
      const x = this.x(Math.min(10 ** HIGH, Math.max(10 ** LOW, this.here.rate)));
      ctx.strokeStyle = ctx.fillStyle = colours().accent;
      ctx.globalAlpha = 0.35;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height + 8 * px);
      ctx.stroke();
      ctx.globalAlpha = 1;
      if (this.here.learned) {
        ctx.beginPath();
        ctx.arc(x, this.y(Math.max(1, this.here.updates)), 5.5 * px, 0, 7);
        ctx.fill();
      } else this.cross(ctx, x, top, 5 * px, 2.5 * px);
    }
    ctx.restore();
  }

  cross(ctx, x, y, size, width) {
    if (width) ctx.lineWidth = width;
    ctx.beginPath();
    ctx.moveTo(x - size, y - size);
    ctx.lineTo(x + size, y + size);
    ctx.moveTo(x + size, y - size);
    ctx.lineTo(x - size, y + size);
    ctx.stroke();
  }
}
