// The data sets, each as a small picture to choose by.

import { $, make } from "./elements.js";
import { classColour, drawPixels, isDark, patternColour, prepare } from "./look.js";
import { t } from "./words.js";

/** Make a button for each set; choose is called with a set's name. */
export function buildSets(sets, choose) {
  $("sets").replaceChildren(...Object.keys(sets).map((name) => {
    const canvas = make("canvas");
    const button = make("button", { type: "button", role: "radio", title: t().sets[name] }, canvas, t().sets[name]);
    button.dataset.set = name;
    button.addEventListener("click", () => choose(name));
    return button;
  }));
}

export function drawSets(sets) {
  for (const each of $("sets").children) thumbnail(each.firstChild, sets[each.dataset.set]);
}

export function showSet(name) {
  for (const each of $("sets").children) {
    each.setAttribute("aria-checked", each.dataset.set === name);
    each.tabIndex = each.dataset.set === name ? 0 : -1;
  }
}

/** As in any group of radio buttons, arrows choose the next one. */
export function walkSets(event) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const all = [...$("sets").children];
  const at = all.findIndex((each) => each.getAttribute("aria-checked") === "true");
  const next = all[(at + step + all.length) % all.length];
  next.click();
  next.focus();
}

function thumbnail(canvas, data) {
  const { context, width, height } = prepare(canvas);
  if (data.nIn === 64) drawDigit(context, data.inputs, width, height);
  else if (data.nIn === 3) drawBits(context, data, width, height);
  else drawDots(context, data, width, height);
}

function drawDigit(context, inputs, width, height) {
  drawPixels(context, 8, 8, (k, pixels, at) => {
    const shade = Math.round(255 * (isDark() ? inputs[k] : 1 - inputs[k]));
    pixels.set([shade, shade, shade, 255], at);
  }, 0, 0, width, height, false);
}

function drawBits(context, { inputs, patterns }, width, height) {
  for (let p = 0; p < patterns; p++)
    for (let bit = 0; bit < 3; bit++) {
      context.fillStyle = patternColour(p);
      context.globalAlpha = inputs[3 * p + bit] ? 1 : 0.16;
      context.fillRect(width * (0.2 + 0.2 * bit), height * (0.12 + 0.13 * p), width * 0.18, height * 0.11);
    }
  context.globalAlpha = 1;
}

function drawDots(context, { inputs, targets, patterns }, width, height) {
  const most = 2.16 * inputs.reduce((a, x) => Math.max(a, Math.abs(x)), 0);
  for (let p = 0; p < patterns; p++) {
    context.fillStyle = classColour(targets[p] > 0.5 ? 1 : 0);
    const x = (0.5 + inputs[2 * p] / most) * width, y = (0.5 - inputs[2 * p + 1] / most) * height;
    context.fillRect(x - 0.9, y - 0.9, 1.8, 1.8);
  }
}
