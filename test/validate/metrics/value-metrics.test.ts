import { describe, expect, test } from 'vitest';
import type { ValueMetric } from '../../../src/validate/metrics/metric.ts';
import { rSquared } from '../../../src/validate/metrics/r-squared.ts';
import { recordTable } from '../../../src/validate/metrics/records.ts';
import {
  maxError,
  meanAbsoluteError,
  meanSquaredError,
  rootMeanSquaredError,
} from '../../../src/validate/metrics/value-errors.ts';

type Rows = readonly (readonly number[])[];

function measured(metric: ValueMetric, expected: Rows, actual: Rows, weights?: readonly number[]): number {
  const table = recordTable();
  expected.forEach((row, i) => {
    table.push(metric.record({ expected: row, actual: actual[i]! }));
  });
  return metric.estimator(table.records())(weights);
}

// The two examples of scikit-learn's documentation of its regression metrics.
const TRUE_ONE = [[3], [-0.5], [2], [7]];
const PREDICTED_ONE = [[2.5], [0], [2], [8]];
const TRUE_TWO = [
  [0.5, 1],
  [-1, 1],
  [7, -6],
];
const PREDICTED_TWO = [
  [0, 2],
  [-1, 2],
  [8, -5],
];

describe('regression', () => {
  test.each([
    ['mse', meanSquaredError, TRUE_ONE, PREDICTED_ONE, 0.375],
    ['mse of two values', meanSquaredError, TRUE_TWO, PREDICTED_TWO, 17 / 24],
    ['rmse', rootMeanSquaredError, TRUE_ONE, PREDICTED_ONE, 0.6123724356957945],
    ['mae', meanAbsoluteError, TRUE_ONE, PREDICTED_ONE, 0.5],
    ['mae of two values', meanAbsoluteError, TRUE_TWO, PREDICTED_TWO, 0.75],
    ['r2', rSquared, TRUE_ONE, PREDICTED_ONE, 0.9486081370449679],
    ['r2 of two values, averaged', rSquared, TRUE_TWO, PREDICTED_TWO, 0.9368005266622779],
    ['max-error', maxError, [[3], [2], [7], [1]], [[4], [2], [7], [1]], 1],
  ])('%s of the documented example', (_, metric, expected, actual, value) => {
    expect(measured(metric, expected, actual)).toBeCloseTo(value, 12);
  });

  test('r2: predicting the mean gives 0, the truth 1, worse than the mean less than 0', () => {
    const truth = [[1], [2], [3]];
    expect(measured(rSquared, truth, [[2], [2], [2]])).toBe(0);
    expect(measured(rSquared, truth, truth)).toBe(1);
    expect(measured(rSquared, truth, [[3], [2], [1]])).toBe(-3);
  });

  test('r2 of labels that are all the same is undefined', () => {
    expect(measured(rSquared, [[4], [4]], [[4], [5]])).toBeNaN();
  });

  test('r2 keeps its digits when the labels lie far from zero', () => {
    const truth = [0, 1, 2, 3].map((x) => [1e9 + x]);
    const off = [0.5, 1, 2, 3].map((x) => [1e9 + x]);
    expect(measured(rSquared, truth, off)).toBeCloseTo(1 - 0.25 / 5, 9);
  });

  test('weights leave out and repeat samples', () => {
    expect(measured(meanSquaredError, TRUE_ONE, PREDICTED_ONE, [2, 0, 0, 1])).toBeCloseTo((0.25 * 2 + 1) / 3, 12);
    expect(measured(maxError, TRUE_ONE, PREDICTED_ONE, [1, 1, 1, 0])).toBe(0.5);
  });

  test.each([meanSquaredError, rootMeanSquaredError, meanAbsoluteError, rSquared, maxError])(
    'one NaN prediction of four makes $name undefined instead of being averaged away',
    (metric) => {
      expect(measured(metric, TRUE_ONE, [[2.5], [Number.NaN], [2], [8]])).toBeNaN();
    },
  );
});
