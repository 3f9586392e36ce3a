// Which rows of a history a picture needs: as many as can be told apart on its axis.

/** Numbers of the rows to keep, first and last included, evenly spread over the axis. */
export function spread(updates, most, axis) {
  const count = updates.length;
  if (count <= most) return Array.from({ length: count }, (_, k) => k);
  const place = axis === "log" ? (u) => Math.log1p(u) : (u) => u;
  const end = place(updates[count - 1]), rows = [0];
  let next = end / most;
  for (let k = 1; k < count - 1; k++) {
    const x = place(updates[k]);
    if (x < next) continue;
    rows.push(k);
    next = Math.max(next + end / most, x);
  }
  rows.push(count - 1);
  return rows;
}

/** The chosen rows of a flat array of rows. */
export function take(flat, width, rows) {
  const kept = new Float64Array(rows.length * width);
  rows.forEach((row, k) => kept.set(flat.subarray(row * width, (row + 1) * width), k * width));
  return kept;
}

/** Numbers 0 … count - 1, from coarse to fine: ends first, then middles of what is left. */
export function coarseToFine(count) {
  const order = [], seen = new Set();
  for (let step = 1 << Math.ceil(Math.log2(Math.max(2, count))); step >= 1; step >>= 1)
    for (let k = 0; k < count; k += step)
      if (!seen.has(k)) {
        seen.add(k);
        order.push(k);
      }
  return order;
}

/** Numbers of the cells of a grid, row by row, from coarse to fine. */
export function coarseToFine2(columns, rows) {
  const fineness = (k) => (k === 0 ? 0 : 32 - Math.log2(k & -k));
  const cells = Array.from({ length: columns * rows }, (_, k) => k);
  const rank = (k) => Math.max(fineness(k % columns), fineness(Math.floor(k / columns)));
  return cells.sort((a, b) => rank(a) - rank(b) || a - b);
}
