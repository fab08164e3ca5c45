import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { macroF1, macroPrecision, macroRecall } from '../../../src/validate/metrics/class-averages.ts';
import { confusionMatrix, perClassScores } from '../../../src/validate/metrics/confusion-matrix.ts';
import { type Records, recordTable } from '../../../src/validate/metrics/records.ts';

function answers(truths: readonly number[], predicted: readonly number[]): Records {
  const table = recordTable();
  truths.forEach((truth, i) => {
    table.push(macroF1.record({ truth, predicted: predicted[i]! }));
  });
  return table.records();
}

describe('per class', () => {
  // The example of scikit-learn's documentation of classification_report.
  const records = answers([0, 1, 2, 2, 2], [0, 0, 2, 2, 1]);

  test('precision, recall, F1 and support of the documented report', () => {
    expect(perClassScores(records, 3, (i) => ['zero', 'one', 'two'][i])).toEqual([
      { index: 0, name: 'zero', precision: 0.5, recall: 1, f1: 2 / 3, support: 1 },
      { index: 1, name: 'one', precision: 0, recall: 0, f1: 0, support: 1 },
      { index: 2, name: 'two', precision: 1, recall: 2 / 3, f1: 0.8, support: 3 },
    ]);
  });

  test('the averages of the documented report', () => {
    expect(macroPrecision.estimator(records)()).toBeCloseTo(0.5, 12);
    expect(macroRecall.estimator(records)()).toBeCloseTo(5 / 9, 12);
    expect(macroF1.estimator(records)()).toBeCloseTo((2 / 3 + 0 + 0.8) / 3, 12);
  });

  test('confusion matrix: rows are right classes, columns predicted ones', () => {
    expect(confusionMatrix(records, 3)).toEqual({
      classes: 3,
      counts: [
        [1, 0, 0],
        [1, 0, 0],
        [0, 1, 2],
      ],
      unpredicted: [0, 0, 0],
    });
  });
});

test('a sample without a predicted class lowers recall, not precision, and is told', () => {
  const records = answers([0, 0, 1], [0, -1, 1]);
  expect(confusionMatrix(records).unpredicted).toEqual([1, 0]);
  const [zero] = perClassScores(records);
  expect(zero).toMatchObject({ precision: 1, recall: 0.5, support: 2 });
});

test('classes that neither occur nor are predicted do not count in the averages', () => {
  const sparse = answers([0, 40], [0, 40]);
  expect(macroF1.estimator(sparse)()).toBe(1);
});

test('weights count samples as if they were repeated', () => {
  const pairs = fc.array(fc.tuple(fc.nat(4), fc.nat(4), fc.nat(3)), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(pairs, (rows) => {
      fc.pre(rows.some(([, , weight]) => weight > 0));
      const records = answers(
        rows.map(([truth]) => truth),
        rows.map(([, predicted]) => predicted),
      );
      const repeated = rows.flatMap(([truth, predicted, weight]) => new Array(weight).fill([truth, predicted]));
      const written = answers(
        repeated.map(([truth]) => truth),
        repeated.map(([, predicted]) => predicted),
      );
      const weights = rows.map(([, , weight]) => weight);
      for (const metric of [macroPrecision, macroRecall, macroF1]) {
        expect(metric.estimator(records)(weights)).toBeCloseTo(metric.estimator(written)(), 12);
      }
    }),
    { seed: 20, numRuns: 100 },
  );
});
