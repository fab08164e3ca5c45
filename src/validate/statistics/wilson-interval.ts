import type { Interval } from './interval.ts';
import { normalQuantile } from './normal-distribution.ts';

/**
 * The score interval of a proportion (Wilson 1927, Probable inference, the law of succession, and statistical
 * inference): `successes` of `trials`, trials at least 1. Never leaves [0, 1], and has width also at 0 and at all.
 */
export function wilsonInterval(successes: number, trials: number, confidence = 0.95): Interval {
  const z = normalQuantile((1 + confidence) / 2);
  const p = successes / trials;
  const center = p + (z * z) / (2 * trials);
  const reach = z * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials));
  const scale = 1 + (z * z) / trials;
  return {
    low: successes === 0 ? 0 : (center - reach) / scale,
    high: successes === trials ? 1 : (center + reach) / scale,
    confidence,
    method: 'wilson',
  };
}
