/**
 * Probability that a standard normal variable is at most `x`, to about 1e-15 absolute: the Taylor series of Marsaglia
 * 2004, Evaluating the Normal Distribution, Journal of Statistical Software 11(4).
 */
export function normalCdf(x: number): number {
  if (Math.abs(x) > 8.5) return x > 0 ? 1 : 0;
  let term = x;
  let sum = x;
  for (let i = 3; sum + term !== sum; i += 2) {
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + sum * normalDensity(x);
}

/**
 * The value that a standard normal variable stays below with probability `p`, 0 < p < 1; infinite at the ends. Newton's
 * method from 0, which climbs without overshooting since the distribution is concave to the right of 0.
 */
export function normalQuantile(p: number): number {
  if (p <= 0 || p >= 1) return p <= 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (p < 0.5) return -normalQuantile(1 - p);
  let x = 0;
  for (let step = 0; step < MAX_NEWTON_STEPS; step++) {
    const change = (p - normalCdf(x)) / normalDensity(x);
    x += change;
    if (Math.abs(change) < 1e-14 * (1 + x)) break;
  }
  return x;
}

/** More than the largest p below 1 takes (about 40). */
const MAX_NEWTON_STEPS = 100;

function normalDensity(x: number): number {
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
}
