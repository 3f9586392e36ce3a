// Colours by meaning, and canvases as sharp as the screen.

let palettes, theme = "light";

export function usePalettes(given) {
  palettes = given;
}
export const colours = () => palettes[theme];
export const isDark = () => theme === "dark";
export function useTheme(name) {
  theme = name;
  document.documentElement.dataset.theme = name;
}

export const patternColour = (k) => colours().patterns[k % 6];
export const unitColour = (k) => colours().units[k % 8];
/** Classes on a plane, as in nnlab/plots/boundary.py: orange for target 0, blue for 1. */
export const classColour = (k) => colours()[k ? "class-1" : "class-0"];

const parsed = new Map();
export function rgb(hex) {
  if (!parsed.has(hex)) parsed.set(hex, [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));
  return parsed.get(hex);
}
/** A colour mixed with paper: 0 is the paper, 1 the colour itself. */
export function tint(hex, strength, ground = colours().paper) {
  const [from, to] = [rgb(ground), rgb(hex)];
  return `rgb(${from.map((part, k) => Math.round(part + strength * (to[k] - part))).join()})`;
}

// To ask a canvas for its size makes the browser lay out the page, so it is asked only after a change.
const sizes = new WeakMap();
const observer = new ResizeObserver((entries) => entries.forEach(({ target }) => sizes.delete(target)));

/** Width and height of an element in CSS pixels. */
export function sizeOf(element) {
  if (!sizes.has(element)) {
    observer.observe(element);
    sizes.set(element, { width: element.clientWidth, height: element.clientHeight });
  }
  return sizes.get(element);
}

/** Ask an element for its size again: it has just been given another place. */
export const forget = (element) => sizes.delete(element);

/** Prepare a canvas of its CSS size for this screen; returns its context, width and height. */
export function prepare(canvas) {
  const ratio = Math.min(3, window.devicePixelRatio || 1);
  const { width, height } = sizeOf(canvas);
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

const small = new Map();
/** Draw a picture of size × size numbers, coloured by `paint(k, pixels, at)`, into a rectangle. */
export function drawPixels(context, size, rows, paint, x, y, width, height, smooth = true) {
  const key = `${size}x${rows}`;
  if (!small.has(key)) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: size, height: rows });
    const own = canvas.getContext("2d");
    small.set(key, { canvas, own, image: own.createImageData(size, rows) });
  }
  const { canvas, own, image } = small.get(key);
  for (let k = 0; k < size * rows; k++) paint(k, image.data, 4 * k);
  own.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = smooth;
  context.drawImage(canvas, x, y, width, height);
}

export function roundedPath(context, x, y, width, height, radius) {
  context.beginPath();
  context.roundRect(x, y, width, height, radius);
}
