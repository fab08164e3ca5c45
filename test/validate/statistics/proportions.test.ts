import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mcNemarTest } from '../../../src/validate/statistics/mcnemar-test.ts';
import { newcombePairedInterval } from '../../../src/validate/statistics/newcombe-paired-interval.ts';
import { normalCdf, normalQuantile } from '../../../src/validate/statistics/normal-distribution.ts';
import { type PairedTable, pairedTable } from '../../../src/validate/statistics/paired-table.ts';
import { wilsonInterval } from '../../../src/validate/statistics/wilson-interval.ts';

const pairs = (both: number, onlyFirst: number, onlySecond: number, neither: number): PairedTable => ({
  both,
  onlyFirst,
  onlySecond,
  neither,
});

describe('normal distribution', () => {
  test.each([
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.995, 2.5758293035489004],
    [0.9, 1.2815515655446004],
    [0.001, -3.090232306167813],
  ])('quantile of %d', (p, x) => {
    expect(normalQuantile(p)).toBeCloseTo(x, 11);
    expect(normalCdf(x)).toBeCloseTo(p, 14);
  });

  test('the ends are infinite and the tails stay in [0, 1]', () => {
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect([normalCdf(-40), normalCdf(40)]).toEqual([0, 1]);
    expect(normalQuantile(1 - 2 ** -53)).toBeGreaterThan(8);
  });
});

describe('Wilson interval', () => {
  // Newcombe 1998, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17:857-872, table I, method 3.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%i of %i', (successes, trials, low, high) => {
    const interval = wilsonInterval(successes, trials);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  test('holds the proportion, mirrors, and narrows with more trials', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), (successes, failures) => {
        const n = successes + failures;
        fc.pre(n > 0);
        const { low, high } = wilsonInterval(successes, n);
        const mirrored = wilsonInterval(failures, n);
        expect(low).toBeLessThanOrEqual(successes / n);
        expect(high).toBeGreaterThanOrEqual(successes / n);
        expect(mirrored.low).toBeCloseTo(1 - high, 12);
        const larger = wilsonInterval(4 * successes, 4 * n);
        expect(larger.high - larger.low).toBeLessThan(high - low);
      }),
      { seed: 24, numRuns: 100 },
    );
  });
});

describe('Newcombe interval of paired proportions (method 10)', () => {
  test.each([
    // Airway hyper-responsiveness before and after transplantation (Bentur 2009), as in Fagerland, Lydersen and Laake
    // 2014, Recommended tests and confidence intervals for paired binomial proportions.
    [pairs(1, 1, 7, 12), -0.507, -0.026, 3],
    // Complete response before and after consolidation (Cavo 2012), as in the tests of the R package contingencytables.
    [pairs(59, 6, 16, 80), -0.1186, -0.0046, 4],
    // Altman, Machin, Bryant and Gardner 2000, Statistics with Confidence, table 6.2.
    [pairs(14, 5, 0, 22), 0.011, 0.226, 3],
  ])('published example %j', (table, low, high, digits) => {
    const interval = newcombePairedInterval(table);
    expect(interval.low).toBeCloseTo(low, digits);
    expect(interval.high).toBeCloseTo(high, digits);
  });

  test('holds the difference, stays in [-1, 1], and mirrors when the two are exchanged', () => {
    const count = fc.nat(30);
    fc.assert(
      fc.property(count, count, count, count, (a, b, c, d) => {
        const n = a + b + c + d;
        fc.pre(n > 0);
        const { low, high } = newcombePairedInterval(pairs(a, b, c, d));
        const exchanged = newcombePairedInterval(pairs(a, c, b, d));
        expect(low).toBeLessThanOrEqual((b - c) / n + 1e-12);
        expect(high).toBeGreaterThanOrEqual((b - c) / n - 1e-12);
        expect(low).toBeGreaterThanOrEqual(-1 - 1e-12);
        expect(high).toBeLessThanOrEqual(1 + 1e-12);
        expect(exchanged.low).toBeCloseTo(-high, 12);
      }),
      { seed: 25, numRuns: 200 },
    );
  });

  test('two models that never differ still leave doubt, less with more samples', () => {
    const reach = [300, 1000, 10_000].map((n) => newcombePairedInterval(pairs(0.99 * n, 0, 0, 0.01 * n)).high);
    expect(reach[0]).toBeGreaterThan(0.01);
    expect(reach[1]).toBeLessThan(0.005);
    expect(reach[2]).toBeLessThan(0.0005);
  });
});

describe('exact McNemar test', () => {
  test.each([
    [pairs(1, 1, 7, 12), 18 / 256],
    [pairs(59, 6, 16, 80), (2 * (1 + 22 + 231 + 1540 + 7315 + 26334 + 74613)) / 2 ** 22],
    [pairs(5, 0, 5, 5), 2 / 32],
    [pairs(5, 0, 0, 5), 1],
    [pairs(5, 4, 4, 5), 1],
  ])('%j', (table, pValue) => {
    expect(mcNemarTest(table).pValue).toBeCloseTo(pValue, 12);
  });

  test('names what was lost and gained, and does not underflow on large counts', () => {
    expect(mcNemarTest(pairs(0, 3, 1, 0))).toMatchObject({ lost: 3, gained: 1 });
    expect(mcNemarTest(pairs(0, 5000, 5000, 0)).pValue).toBe(1);
    const even = mcNemarTest(pairs(0, 5000, 5200, 0)).pValue;
    expect(even).toBeGreaterThan(0.04);
    expect(even).toBeLessThan(0.06);
  });
});

test('pairs of scores are counted; anything but 0 and 1 is no proportion', () => {
  expect(pairedTable([1, 1, 0, 0, 1], [1, 0, 1, 0, 0])).toEqual(pairs(1, 2, 1, 1));
  expect(pairedTable([1, 0.5], [1, 1])).toBeUndefined();
  expect(pairedTable([1, Number.NaN], [1, 1])).toBeUndefined();
  expect(pairedTable([], [])).toBeUndefined();
});
