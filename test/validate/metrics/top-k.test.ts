import { describe, expect, test } from 'vitest';
import type { ClassMetric, ClassOutcome } from '../../../src/validate/metrics/metric.ts';
import { recordTable } from '../../../src/validate/metrics/records.ts';
import { indexOfLargest, top1, topK } from '../../../src/validate/metrics/top-k.ts';

function measured(metric: ClassMetric, outcomes: readonly ClassOutcome[]): number {
  const table = recordTable();
  for (const outcome of outcomes) table.push(metric.record(outcome));
  return metric.estimator(table.records())();
}

const scored = (truth: number, scores: readonly number[]): ClassOutcome => ({
  truth,
  predicted: indexOfLargest(scores),
  scores,
});

// The labels and scores of scikit-learn's documentation of top_k_accuracy_score, where k = 2 gives 0.75.
const DOCUMENTED = [
  scored(0, [0.5, 0.2, 0.2]),
  scored(1, [0.3, 0.4, 0.2]),
  scored(2, [0.2, 0.4, 0.3]),
  scored(2, [0.7, 0.2, 0.1]),
];

describe('top-k', () => {
  test.each([
    [1, 0.5],
    [2, 0.75],
    [3, 1],
  ])('top%i of the documented example is %d', (k, expected) => {
    expect(measured(topK(k), DOCUMENTED)).toBe(expected);
  });

  test('of equal scores the lower class counts as the higher, as argmax has it', () => {
    const tied = [7, 7, 7, 1];
    expect([0, 1, 2, 3].map((truth) => topK(2).record(scored(truth, tied))[0])).toEqual([1, 1, 0, 0]);
    expect([0, 1].map((truth) => top1.record(scored(truth, tied))[0])).toEqual([1, 0]);
  });

  test('NaN among the scores is wrong for every k, also when the right class scores highest', () => {
    const broken = scored(0, [1, Number.NaN, 0]);
    expect(broken.predicted).toBe(-1);
    expect([1, 2, 3].map((k) => topK(k).record(broken)[0])).toEqual([0, 0, 0]);
  });

  test('without scores only the predicted class is known', () => {
    expect(top1.record({ truth: 3, predicted: 3 })).toEqual([1]);
    expect(topK(5).record({ truth: 3, predicted: 3 })).toEqual([Number.NaN]);
  });
});

test.each([
  [[3, 1, 3], 0],
  [[Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY], 0],
  [[Number.NEGATIVE_INFINITY, -5], 1],
  [[1, Number.NaN], -1],
  [[], -1],
])('the largest of %j is at %i', (values, index) => {
  expect(indexOfLargest(values)).toBe(index);
});
