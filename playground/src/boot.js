// From the page's text to the engine: unpack, compile, start the worker.

import { unpack } from "./data.js";
import { Engine } from "./engine.js";

// The smallest module with a vector in it.
const VECTOR = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];

/** Whether this browser has all that the page needs. */
export const isAble = () =>
  typeof WebAssembly === "object" && WebAssembly.validate(new Uint8Array(VECTOR)) &&
  typeof DecompressionStream === "function" && typeof Worker === "function";

/** Bytes of base64; browsers from 2025 on do it themselves, in a twentieth of the time. */
function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const plain = atob(text), bytes = new Uint8Array(plain.length);
  for (let k = 0; k < plain.length; k++) bytes[k] = plain.charCodeAt(k);
  return bytes;
}

async function payload() {
  const element = document.getElementById("payload");
  const stream = new Blob([bytesOf(element.textContent)]).stream().pipeThrough(new DecompressionStream("gzip"));
  const all = await new Response(stream).arrayBuffer();
  let at = 0;
  const parts = JSON.parse(element.dataset.lengths).map((length) => all.slice(at, (at += length)));
  return { facts: JSON.parse(new TextDecoder().decode(parts[0])), numbers: parts[1], wasm: parts[2] };
}

/** Start the worker and unpack; it begins before the modules after this one are evaluated. */
async function begin() {
  const script = document.getElementById("worker").textContent;
  const worker = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  return { worker, ...(await payload()) };
}

const begun = isAble() ? begin() : null;
begun?.catch(() => {}); // whoever calls boot hears of it

/** Returns facts, data sets, an engine for answers, and a worker that trains. */
export async function boot() {
  const { worker, facts, numbers, wasm } = await begun;
  worker.postMessage({ type: "begin", facts, numbers, wasm });
  const engine = new Engine(await WebAssembly.compile(wasm), facts);
  return { facts, sets: unpack(facts.sets, numbers), engine, worker };
}
