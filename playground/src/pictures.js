// Everything that is drawn of a result: verdict, curve, map, charts, diagram, answers.

import { drawSeeds } from "./answers.js";
import { onAxis } from "./charts.js";
import { unitButtons } from "./controls.js";
import { Curve } from "./curve.js";
import { layOut } from "./diagram.js";
import { $, put } from "./elements.js";
import { forEngine, layersOf } from "./fields.js";
import { forget, sizeOf } from "./look.js";
import { drawMap } from "./map.js";
import { describe } from "./network.js";
import { Timeline } from "./timeline.js";
import { count, duration, language, percent, t } from "./words.js";

const MAP_PAUSE = 120; // milliseconds between two pictures of the map

export class Pictures {
  /** page: what is asked for and known: setting, frame, many, axis, surveys, compare, player. */
  constructor(page, scene) {
    this.page = page;
    this.scene = scene;
    this.timeline = new Timeline($("charts"));
    this.curve = new Curve($("curve"));
  }

  draw() {
    const { frame, many } = this.page;
    if (!frame && !many) return false;
    const [verdict, details] = many ? verdictOfSeeds(many) : verdictOf(frame);
    put($("verdict"), "innerHTML", verdict);
    put($("details"), "textContent", details);
    this.drawCurve();
    this.mapping ??= setTimeout(() => this.drawMap(), MAP_PAUSE);
    if (many) this.drawMany();
    else this.drawRun();
    return true;
  }

  drawCurve() {
    const { setting, frame, many, surveys, compare } = this.page, own = surveys.key("curve", setting);
    const updates = many ? many.median : frame.updates;
    const learned = many ? Number.isFinite(updates) : ["converged", "running"].includes(frame.outcome);
    const others = compare.pins.map((pin) => pin.setting).filter((each) => surveys.key("curve", each) !== own);
    this.curve.show({
      points: surveys.under("curve", own),
      ghosts: others.map((each) => ({ points: surveys.of("curve", each) })),
      here: { rate: setting.learning_rate, updates, learned },
    });
  }

  drawMap() {
    this.mapping = null;
    const { setting, surveys, compare } = this.page;
    const place = ({ learning_rate: rate, scale }) => ({ rate, scale });
    drawMap($("map-canvas"), surveys.of("map", setting), place(setting), compare.pins.map((pin) => place(pin.setting)));
  }

  drawRun() {
    const { frame, axis, compare, facts, sets, player } = this.page, { setting } = frame, data = sets[setting.data];
    const network = describe(forEngine(setting, facts), data, facts), { parameters } = network;
    const row = this.row();
    this.timeline.showRun({
      setting, data, network, frame, axis,
      pins: compare.pins.filter((pin) => !pin.seeds),
      moment: player.moment < 1 ? frame.rows[row] : null,
    });
    this.arrange(false);
    const canvases = { network: $("network-canvas"), answer: $("answer-canvas") };
    this.scene.draw(canvases, setting, frame.weights.subarray(row * parameters, (row + 1) * parameters));
    put($("answer-caption"), "textContent", this.scene.caption(setting));
    put($("moment"), "value", String(Math.round(1000 * player.moment)));
    put($("moment-shown"), "textContent", t().update(count(frame.rows[row])));
  }

  /** The row of history that the moment means. */
  row() {
    const { frame: { rows }, player, axis } = this.page, last = rows.length - 1;
    if (player.moment >= 1) return last;
    const end = onAxis(axis, rows[last]) * player.moment;
    let row = 0;
    while (row < last && onAxis(axis, rows[row + 1]) <= end) row++;
    return row;
  }

  drawMany() {
    const { many, axis, compare } = this.page;
    this.timeline.showSeeds({ frame: many, axis, pins: compare.pins.filter((pin) => pin.seeds) });
    this.arrange(true);
    this.dots = drawSeeds($("network-canvas"), many.ends, many.budget);
    put($("answer-caption"), "textContent", t().seedsCaption);
  }

  /** The hundred dots take the whole card; the diagram leaves room for what the network answers. */
  arrange(many) {
    const { setting, facts } = this.page, layers = layersOf(setting, facts);
    if (many !== this.many) {
      document.querySelector(".hero").classList.toggle("many", many);
      document.querySelector(".time").hidden = $("legend").hidden = many;
      forget($("network-canvas"));
      this.many = many;
    }
    const { width, height } = sizeOf($("network-canvas"));
    const key = `${many} ${layers} ${setting.data} ${width} ${language()}`;
    if (key === this.key) return;
    this.key = key;
    $("network-canvas").setAttribute("aria-label", many ? t().seedsCaption : t().networkLabel(layers));
    $("answer-canvas").setAttribute("aria-label", this.scene.caption(setting));
    if (many) $("network-buttons").replaceChildren();
    else {
      const { middles } = layOut(layers, width, height, layers[0] === 64);
      unitButtons($("network-buttons"), setting.hidden, middles, (changes) => this.page.change(changes));
    }
  }

  /** The seed whose dot is at a place of the canvas, or nothing. */
  seedAt(x, y) {
    const { many } = this.page, { left, top, cell, columns } = this.dots ?? {};
    if (!many || many.count < 2) return undefined;
    const seed = Math.floor((y - top) / cell) * columns + Math.floor((x - left) / cell);
    return seed >= 0 && seed < many.ended ? seed : undefined;
  }
}

function verdictOf({ outcome, updates, epochs, spent, measures, findings }) {
  const words = [t().counts(count(epochs), duration(spent))];
  if (measures && outcome !== "diverged") {
    const { learned, heldOut } = measures;
    words.push(t().accuracy(percent(learned.right.at(-1)), heldOut && percent(heldOut.right.at(-1))));
  }
  words.push(...findings.map((each) => t().found[each.what](each)));
  return [t()[outcome](count(updates)), words.join(" · ")];
}

function verdictOfSeeds({ learned, ended, median, diverged, budget, count: all }) {
  const middle = Number.isFinite(median) ? t().times(count(median)) : t().never;
  const details = all === 1 ? t().seedsSame : t().seedsDetails(middle, diverged, count(budget));
  return [t().seedsVerdict(learned.length, ended), ended ? details : ""];
}
