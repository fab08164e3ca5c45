import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/random/seeded-random.ts';
import { meanOf } from '../../../src/validate/metrics/estimators.ts';
import { recordsOf, type Weights } from '../../../src/validate/metrics/records.ts';
import { bootstrapIntervals } from '../../../src/validate/statistics/bootstrap-intervals.ts';

// Spatial test data A of Efron and Tibshirani 1993, An Introduction to the Bootstrap, table 14.1.
const SPATIAL_A = [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41];

function variance(weights?: Weights): [number] {
  let n = 0;
  let sum = 0;
  SPATIAL_A.forEach((x, i) => {
    n += weights?.[i] ?? 1;
    sum += (weights?.[i] ?? 1) * x;
  });
  let squares = 0;
  SPATIAL_A.forEach((x, i) => {
    squares += (weights?.[i] ?? 1) * (x - sum / n) ** 2;
  });
  return [squares / n];
}

describe('BCa bootstrap', () => {
  test('the variance of the book: 171.5, its 90% interval (115.8, 259.6), to the error of its 2000 resamples', () => {
    expect(variance()[0]).toBeCloseTo(171.5, 1);
    const [interval] = bootstrapIntervals(variance, SPATIAL_A.length, { confidence: 0.9, seed: 3, resamples: 8000 });
    expect(Math.abs(interval!.low - 115.8)).toBeLessThan(3);
    expect(Math.abs(interval!.high - 259.6)).toBeLessThan(6);
  });

  test('the same seed gives the same interval, another seed another', () => {
    const run = (seed: number): unknown => bootstrapIntervals(variance, 26, { confidence: 0.95, seed, resamples: 300 });
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
  });

  test('95% intervals of a skewed mean hold it in about 95% of simulated cases', () => {
    const random = seededRandom(11);
    let held = 0;
    const cases = 300;
    for (let i = 0; i < cases; i++) {
      const sample = Float64Array.from({ length: 40 }, () => -Math.log(1 - random.next()));
      const mean = meanOf(recordsOf(sample));
      const [interval] = bootstrapIntervals((w) => [mean(w)], 40, { confidence: 0.95, seed: i, resamples: 400 });
      if (interval!.low <= 1 && interval!.high >= 1) held++;
    }
    expect(held / cases).toBeGreaterThan(0.9);
    expect(held / cases).toBeLessThan(0.98);
  });

  test('more samples than jackknife groups: close to the normal interval of a mean', () => {
    const random = seededRandom(5);
    const sample = Float64Array.from({ length: 1000 }, () => random.normal());
    const mean = meanOf(recordsOf(sample));
    const [interval] = bootstrapIntervals((w) => [mean(w)], 1000, { confidence: 0.95, seed: 1 });
    const spread = Math.sqrt(sample.reduce((sum, x) => sum + (x - mean()) ** 2, 0)) / 1000;
    expect(interval!.low).toBeCloseTo(mean() - 1.96 * spread, 2);
    expect(interval!.high).toBeCloseTo(mean() + 1.96 * spread, 2);
  });

  test('no interval for an undefined value or a single sample; none of any width without variation', () => {
    const options = { confidence: 0.95, seed: 1, resamples: 50 };
    expect(bootstrapIntervals(() => [Number.NaN], 10, options)).toEqual([null]);
    expect(bootstrapIntervals(() => [1], 1, options)).toEqual([null]);
    expect(bootstrapIntervals(() => [4], 10, options)[0]).toMatchObject({ low: 4, high: 4 });
  });

  test('resamples on which the statistic is undefined are left out; half of them are too many', () => {
    const options = { confidence: 0.95, seed: 1, resamples: 200 };
    const unlessWithout = (count: number) => (w?: Weights) => {
      for (let i = 0; i < count; i++) if (w !== undefined && w[i] === 0) return [Number.NaN];
      return [w === undefined ? 1 : w[0]!];
    };
    expect(bootstrapIntervals(unlessWithout(1), 20, options)[0]).not.toBeNull();
    expect(bootstrapIntervals(unlessWithout(2), 20, options)[0]).toBeNull();
  });
});
