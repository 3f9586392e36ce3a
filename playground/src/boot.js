// From the page's text to the engine: unpack, compile, start the worker.

import { unpack } from "./data.js";
import { Engine } from "./engine.js";

// The smallest module with a vector in it.
const VECTOR = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];

/** Whether this browser has all that the page needs. */
export const isAble = () =>
  typeof WebAssembly === "object" && WebAssembly.validate(new Uint8Array(VECTOR)) &&
  typeof DecompressionStream === "function" && typeof Worker === "function";

async function payload() {
  const element = document.getElementById("payload");
  const packed = Uint8Array.from(atob(element.textContent), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const all = await new Response(stream).arrayBuffer();
  let at = 0;
  const parts = JSON.parse(element.dataset.lengths).map((length) => all.slice(at, (at += length)));
  return { facts: JSON.parse(new TextDecoder().decode(parts[0])), numbers: parts[1], wasm: parts[2] };
}

/** Returns facts, data sets, an engine for answers, and a worker that trains. */
export async function boot() {
  const script = document.getElementById("worker").textContent;
  const worker = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  const { facts, numbers, wasm } = await payload();
  worker.postMessage({ type: "begin", facts, numbers, wasm });
  const engine = new Engine(await WebAssembly.compile(wasm), facts);
  return { facts, sets: unpack(facts.sets, numbers), engine, worker };
}
