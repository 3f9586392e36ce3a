// The data sets, out of the numbers that the page carries.

/** sets: facts.sets; numbers: an ArrayBuffer. Returns the sets by name, arrays unpacked when asked for. */
export function unpack(sets, numbers) {
  const found = {};
  for (const set of sets) {
    const array = (name) => {
      const place = set.arrays[name];
      if (!place) return null;
      if (place.bytes === 8) return new Float64Array(numbers, place.at, place.count);
      // Digits are whole sixteenths of ink, and so are 0 and 1.
      return Float64Array.from(new Uint8Array(numbers, place.at, place.count), (n) => n / 16);
    };
    const lazy = {};
    for (const [key, name] of Object.entries({
      inputs: "inputs", targets: "targets", heldOutInputs: "held_out_inputs",
      heldOutTargets: "held_out_targets", mean: "mean", deviation: "deviation",
    })) {
      let kept;
      Object.defineProperty(lazy, key, { enumerable: true, get: () => (kept ??= array(name)) });
    }
    found[set.name] = Object.defineProperties(
      { name: set.name, labels: set.labels, patterns: set.patterns, nIn: set.n_in, nOut: set.n_out },
      Object.getOwnPropertyDescriptors(lazy));
  }
  return found;
}
