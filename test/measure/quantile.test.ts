import { describe, expect, it } from 'vitest';
import { estimateQuantile, estimateRatio, quantileOfSorted } from '../../src/measure/quantile.ts';
import { seededRandom } from '../../src/random/seeded-random.ts';

describe('quantileOfSorted', () => {
  it.each([
    [[1, 2, 3, 4], 0.5, 2.5],
    [[1, 2, 3], 0.5, 2],
    [[5], 0.95, 5],
    [[0, 10], 0.25, 2.5],
    [[1, 2, 3, 4, 5], 1, 5],
  ])('of %j at %d is %d', (values, q, expected) => {
    expect(quantileOfSorted(values, q)).toBeCloseTo(expected, 12);
  });

  it('of nothing is no number', () => {
    expect(quantileOfSorted([], 0.5)).toBeNaN();
  });
});

describe('estimateQuantile', () => {
  it('holds the true median about 95 times in 100', () => {
    const random = seededRandom(11);
    let held = 0;
    for (let trial = 0; trial < 400; trial++) {
      const { low, high } = estimateQuantile(
        Array.from({ length: 61 }, () => random.normal()),
        0.5,
      );
      if (low <= 0 && 0 <= high) held++;
    }
    expect(held / 400).toBeGreaterThan(0.92);
    expect(held / 400).toBeLessThan(0.99);
  });

  it('does not depend on the order', () => {
    expect(estimateQuantile([3, 1, 2, 5, 4], 0.5)).toEqual(estimateQuantile([1, 2, 3, 4, 5], 0.5));
  });
});

describe('estimateRatio', () => {
  it('finds a ratio under a drift that both series share', () => {
    const random = seededRandom(4);
    const drift = Array.from({ length: 100 }, (_, i) => 1 + i / 50);
    const slow = drift.map((speed) => speed * (2 + 0.1 * random.normal()));
    const fast = drift.map((speed) => speed * (1 + 0.05 * random.normal()));
    const { value, low, high } = estimateRatio(slow, fast, 0);
    expect(value).toBeGreaterThan(1.8);
    expect(value).toBeLessThan(2.2);
    expect(low).toBeLessThan(2);
    expect(high).toBeGreaterThan(2);
  });

  it('gives the same interval for the same seed', () => {
    const a = [1, 2, 3, 4, 5, 6, 7];
    const b = [2, 3, 4, 5, 6, 7, 9];
    expect(estimateRatio(a, b, 3)).toEqual(estimateRatio(a, b, 3));
  });
});
