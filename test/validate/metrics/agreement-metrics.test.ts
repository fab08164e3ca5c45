import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cosine } from '../../../src/validate/metrics/cosine-similarity.ts';
import { equalElements, top1Agreement } from '../../../src/validate/metrics/match-share.ts';
import { maxAbsoluteError, maxRelativeError } from '../../../src/validate/metrics/max-deviation.ts';
import type { AgreementMetric } from '../../../src/validate/metrics/metric.ts';
import { recordTable } from '../../../src/validate/metrics/records.ts';
import { SQNR_BOUND_DB, sqnr } from '../../../src/validate/metrics/signal-to-noise.ts';

type Pair = readonly [expected: readonly number[], actual: readonly number[]];

function measured(metric: AgreementMetric, pairs: readonly Pair[], rowLength = 1): number {
  const table = recordTable();
  for (const [expected, actual] of pairs) table.push(metric.record({ expected, actual, rowLength }));
  return metric.estimator(table.records())();
}

const INFINITY = Number.POSITIVE_INFINITY;

describe('cosine', () => {
  test.each<[string, Pair[], number]>([
    [
      'the same',
      [
        [
          [1, 2],
          [1, 2],
        ],
      ],
      1,
    ],
    [
      'opposite',
      [
        [
          [1, 2],
          [-1, -2],
        ],
      ],
      -1,
    ],
    [
      'at a right angle',
      [
        [
          [1, 0],
          [0, 3],
        ],
      ],
      0,
    ],
    [
      'at 45 degrees',
      [
        [
          [1, 0],
          [1, 1],
        ],
      ],
      Math.SQRT1_2,
    ],
    [
      'two zero vectors agree',
      [
        [
          [0, 0],
          [0, 0],
        ],
      ],
      1,
    ],
    [
      'one zero vector does not',
      [
        [
          [0, 0],
          [1, 0],
        ],
      ],
      0,
    ],
    [
      'mean over samples',
      [
        [
          [1, 0],
          [1, 0],
        ],
        [
          [1, 0],
          [0, 1],
        ],
      ],
      0.5,
    ],
    [
      'squares that would overflow',
      [
        [
          [1e200, 1e200],
          [1e200, 0],
        ],
      ],
      Math.SQRT1_2,
    ],
    [
      'an infinite reference element is left out',
      [
        [
          [-INFINITY, 3, 4],
          [-100, 3, 4],
        ],
      ],
      1,
    ],
  ])('%s', (_, pairs, expected) => {
    expect(measured(cosine, pairs)).toBeCloseTo(expected, 12);
  });

  test('does not change when either side is scaled', () => {
    const vector = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 3, maxLength: 3 });
    const scale = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(vector, vector, scale, scale, (x, y, a, b) => {
        fc.pre(x.some((v) => Math.abs(v) > 1e-3) && y.some((v) => Math.abs(v) > 1e-3));
        const plain = measured(cosine, [[x, y]]);
        const scaled = measured(cosine, [[x.map((v) => v * a), y.map((v) => v * b)]]);
        expect(scaled).toBeCloseTo(plain, 9);
        expect(Math.abs(plain)).toBeLessThanOrEqual(1);
      }),
      { seed: 23, numRuns: 200 },
    );
  });
});

describe('sqnr', () => {
  test.each<[string, Pair[], number]>([
    [
      'noise of a hundredth of the signal',
      [
        [
          [10, 0],
          [10, 1],
        ],
      ],
      20,
    ],
    [
      'pooled over samples, not averaged',
      [
        [
          [3, 0],
          [3, 0.1],
        ],
        [
          [0, 1],
          [0, 1],
        ],
      ],
      30,
    ],
    [
      'exact',
      [
        [
          [1, 2],
          [1, 2],
        ],
      ],
      SQNR_BOUND_DB,
    ],
    [
      'noise without signal',
      [
        [
          [0, 0],
          [0, 1],
        ],
      ],
      -SQNR_BOUND_DB,
    ],
  ])('%s', (_, pairs, expected) => {
    expect(measured(sqnr, pairs)).toBeCloseTo(expected, 9);
  });

  test('uniform rounding to 8 bits gives the textbook 6.02 dB a bit', () => {
    const signal = Array.from({ length: 10_000 }, (_, i) => -1 + (2 * i) / 9_999);
    const step = 2 / 256;
    const rounded = signal.map((y) => Math.round(y / step) * step);
    expect(measured(sqnr, [[signal, rounded]])).toBeCloseTo(6.02 * 8, 0);
  });
});

describe('largest differences', () => {
  const pairs: Pair[] = [
    [
      [1, -4],
      [1.5, -4],
    ],
    [
      [2, 8],
      [2, 7],
    ],
    [
      [-INFINITY, 1],
      [-60, 1],
    ],
  ];

  test('absolute, and relative to the largest magnitude of any sample', () => {
    expect(measured(maxAbsoluteError, pairs)).toBe(1);
    expect(measured(maxRelativeError, pairs)).toBe(1 / 8);
  });

  test('a reference of zeros: no error is 0, any error is without bound', () => {
    expect(measured(maxRelativeError, [[[0], [0]]])).toBe(0);
    expect(measured(maxRelativeError, [[[0], [1e-9]]])).toBe(INFINITY);
  });
});

describe('shares', () => {
  test('top-1 agreement by rows of the last axis', () => {
    const pair: Pair = [
      [1, 2, 3, 9, 0, 0],
      [1, 2, 4, 0, 9, 0],
    ];
    expect(measured(top1Agreement, [pair], 3)).toBe(0.5);
    expect(measured(top1Agreement, [pair], 6)).toBe(0);
  });

  test('a row of NaN agrees with no row that has a largest element', () => {
    expect(
      measured(
        top1Agreement,
        [
          [
            [1, 2],
            [Number.NaN, 2],
          ],
        ],
        2,
      ),
    ).toBe(0);
  });

  test('equal elements', () => {
    expect(
      measured(equalElements, [
        [
          [1, 2, 3, Number.NaN],
          [1, 0, 3, Number.NaN],
        ],
      ]),
    ).toBe(0.75);
    expect(measured(equalElements, [[[], []]])).toBe(1);
  });
});

test.each([cosine, sqnr, maxAbsoluteError, maxRelativeError])(
  'NaN in one sample of two makes $name undefined',
  (metric) => {
    const pairs: Pair[] = [
      [
        [1, 2],
        [1, 2],
      ],
      [
        [1, 2],
        [1, Number.NaN],
      ],
    ];
    expect(measured(metric, pairs)).toBeNaN();
  },
);
