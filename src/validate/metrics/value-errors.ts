import { largestOf, meanOf } from './estimators.ts';
import type { ValueMetric, ValueOutcome } from './metric.ts';

const SHARED = { kind: 'regression', higherIsBetter: false, inference: 'bootstrap' } as const;

/** Mean squared error over samples and values. */
export const meanSquaredError: ValueMetric = {
  ...SHARED,
  name: 'mse',
  summary: 'mean squared error',
  unit: 'values squared',
  record: (outcome) => [meanOver(outcome, (error) => error * error)],
  estimator: meanOf,
};

/** Square root of the mean squared error, pooled over samples and values. */
export const rootMeanSquaredError: ValueMetric = {
  ...meanSquaredError,
  name: 'rmse',
  summary: 'square root of the mean squared error',
  unit: 'values',
  estimator: (records) => {
    const mean = meanOf(records);
    return (weights) => Math.sqrt(mean(weights));
  },
};

/** Mean absolute error over samples and values. */
export const meanAbsoluteError: ValueMetric = {
  ...SHARED,
  name: 'mae',
  summary: 'mean absolute error',
  unit: 'values',
  record: (outcome) => [meanOver(outcome, Math.abs)],
  estimator: meanOf,
};

/** Largest absolute error of any value of any sample. It has no interval. */
export const maxError: ValueMetric = {
  ...SHARED,
  name: 'max-error',
  summary: 'largest absolute error',
  unit: 'values',
  inference: 'none',
  record: ({ expected, actual }) => {
    let largest = 0;
    for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(actual[i]! - expected[i]!));
    return [largest];
  },
  estimator: (records) => largestOf(records),
};

function meanOver({ expected, actual }: ValueOutcome, loss: (error: number) => number): number {
  let sum = 0;
  for (let i = 0; i < expected.length; i++) sum += loss(actual[i]! - expected[i]!);
  return sum / expected.length;
}
