import { sumOf } from './estimators.ts';
import type { AgreementMetric } from './metric.ts';

/**
 * Bound of the ratio in either direction, in dB. A float32 carries 24 bits, about 144 dB; beyond 200 dB nothing is
 * told apart, and the bound keeps an exact match a number that JSON can hold.
 */
export const SQNR_BOUND_DB = 200;

/**
 * Signal to quantization noise ratio, 10 log10(sum of y^2 / sum of (y' - y)^2) in dB, pooled over samples and bounded
 * by `SQNR_BOUND_DB`. Elements that are not finite in the reference are left out.
 */
export const sqnr: AgreementMetric = {
  name: 'sqnr',
  kind: 'agreement',
  summary: 'signal to quantization noise ratio against the reference output',
  higherIsBetter: true,
  unit: 'dB',
  inference: 'bootstrap',
  record: ({ expected, actual }) => {
    let signal = 0;
    let noise = 0;
    for (let i = 0; i < expected.length; i++) {
      const y = expected[i]!;
      if (!Number.isFinite(y)) continue;
      signal += y * y;
      noise += (actual[i]! - y) ** 2;
    }
    return [signal, noise];
  },
  estimator: (records) => {
    const signalOf = sumOf(records, 0);
    const noiseOf = sumOf(records, 1);
    return (weights) => {
      const noise = noiseOf(weights);
      if (!Number.isFinite(noise)) return Number.NaN;
      if (noise === 0) return SQNR_BOUND_DB;
      const decibels = 10 * Math.log10(signalOf(weights) / noise);
      return Math.max(-SQNR_BOUND_DB, Math.min(SQNR_BOUND_DB, decibels));
    };
  },
};
