/** Below this the series is summed, above it the continued fraction, each to full precision. */
const SERIES_UNTIL = 2.5;

/** Terms of the continued fraction; enough for 16 digits from `SERIES_UNTIL` on. */
const FRACTION_TERMS = 60;

/** The error function, to about 15 digits: Abramowitz and Stegun 7.1.5 (series) and 7.1.14 (continued fraction). */
export function erf(x: number): number {
  const magnitude = Math.abs(x);
  if (Number.isNaN(x) || magnitude === 0) return x;
  const value = magnitude < SERIES_UNTIL ? series(magnitude) : 1 - complement(magnitude);
  return x < 0 ? -value : value;
}

function series(x: number): number {
  let term = x;
  let total = x;
  for (let n = 1; Math.abs(term) > 1e-18 * total; n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

function complement(x: number): number {
  let tail = x;
  for (let n = FRACTION_TERMS; n > 0; n--) tail = x + n / 2 / tail;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * tail);
}
