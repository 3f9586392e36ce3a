// Numbers in words without the browser's Intl, whose first formatter takes 20 ms to make. uPlot makes
// two as it loads: tools/playground/build.py gives it this one, as the page has no dates.

const THOUSANDS = /\B(?=(\d{3})+$)/g;

/** A number with at most three decimals; commas between thousands. */
export const plain = (n) => String(Number(n.toFixed(3))).replace(THOUSANDS, ",");

export class PlainFormat {
  format(n) {
    return plain(n);
  }

  resolvedOptions() {
    return {};
  }
}
