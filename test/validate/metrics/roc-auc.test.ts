import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordTable } from '../../../src/validate/metrics/records.ts';
import { rocAuc } from '../../../src/validate/metrics/roc-auc.ts';

function auc(truths: readonly number[], scores: readonly (readonly number[])[], weights?: readonly number[]): number {
  const table = recordTable();
  truths.forEach((truth, i) => {
    table.push(rocAuc.record({ truth, predicted: 0, scores: scores[i]! }));
  });
  return rocAuc.estimator(table.records())(weights);
}

const single = (scores: readonly number[]): number[][] => scores.map((score) => [score]);

/** The definition: the share of pairs, one of each class, that are in order; ties half. */
function byPairs(truths: readonly number[], scores: readonly number[]): number {
  let wins = 0;
  let pairs = 0;
  truths.forEach((a, i) => {
    truths.forEach((b, j) => {
      if (a !== 1 || b !== 0) return;
      pairs++;
      wins += scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0;
    });
  });
  return wins / pairs;
}

describe('ROC AUC', () => {
  test.each([
    ['the example of scikit-learn', [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], 0.75],
    ['all scores tied', [0, 1, 0, 1], [2, 2, 2, 2], 0.5],
    ['one tie across the classes', [0, 0, 1, 1], [1, 2, 2, 3], 0.875],
    ['perfect', [0, 0, 1], [-5, 0, 0.1], 1],
    ['reversed', [1, 1, 0], [-5, 0, 0.1], 0],
    [
      'infinite scores are ranks like any',
      [0, 1, 0, 1],
      [Number.NEGATIVE_INFINITY, 0, -1, Number.POSITIVE_INFINITY],
      1,
    ],
  ])('%s', (_, truths, scores, expected) => {
    expect(auc(truths, single(scores))).toBeCloseTo(expected, 12);
  });

  test.each([
    ['only one class', [1, 1], [0.2, 0.3]],
    ['a NaN score', [0, 1, 1], [0.1, Number.NaN, 0.3]],
  ])('undefined: %s', (_, truths, scores) => {
    expect(auc(truths, single(scores))).toBeNaN();
  });

  test('two scores are taken by their difference', () => {
    const scores = [
      [0.9, 0.1],
      [0.6, 0.4],
      [0.65, 0.35],
      [0.2, 0.8],
    ];
    expect(auc([0, 0, 1, 1], scores)).toBeCloseTo(0.75, 12);
  });

  test('several classes: the mean of each against the rest, without those that do not occur', () => {
    const scores = [
      [0.8, 0.1, 0.1, 0],
      [0.3, 0.6, 0.1, 0],
      [0.4, 0.2, 0.4, 0],
      [0.1, 0.7, 0.2, 0],
    ];
    const truths = [0, 1, 2, 2];
    const columns = [0, 1, 2].map((c) =>
      byPairs(
        truths.map((t) => (t === c ? 1 : 0)),
        scores.map((s) => s[c]!),
      ),
    );
    expect(auc(truths, scores)).toBeCloseTo(columns.reduce((a, b) => a + b) / 3, 12);
  });

  const samples = fc.array(fc.tuple(fc.nat(1), fc.integer({ min: -6, max: 6 }), fc.nat(3)), {
    minLength: 2,
    maxLength: 40,
  });

  test('equals the share of pairs in order, also with weights as repetitions', () => {
    fc.assert(
      fc.property(samples, (rows) => {
        const repeated = rows.flatMap((row) => new Array<typeof row>(row[2]).fill(row));
        const expected = byPairs(
          repeated.map(([truth]) => truth),
          repeated.map(([, score]) => score),
        );
        const found = auc(
          rows.map(([truth]) => truth),
          single(rows.map(([, score]) => score)),
          rows.map(([, , weight]) => weight),
        );
        if (Number.isNaN(expected)) expect(found).toBeNaN();
        else expect(found).toBeCloseTo(expected, 12);
      }),
      { seed: 21, numRuns: 200 },
    );
  });

  test('does not change under a strictly rising function of the scores, and mirrors under a falling one', () => {
    fc.assert(
      fc.property(samples, (rows) => {
        const truths = rows.map(([truth]) => truth);
        const scores = rows.map(([, score]) => score);
        const plain = auc(truths, single(scores));
        fc.pre(!Number.isNaN(plain));
        expect(auc(truths, single(scores.map((s) => Math.exp(s / 3) - 7)))).toBeCloseTo(plain, 12);
        expect(auc(truths, single(scores.map((s) => -(s ** 3))))).toBeCloseTo(1 - plain, 12);
      }),
      { seed: 22, numRuns: 100 },
    );
  });
});
