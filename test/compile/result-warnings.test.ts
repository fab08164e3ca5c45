import { describe, expect, it } from 'vitest';
import { lessAccurate, resultWarnings } from '../../src/compile/result-warnings.ts';

type Accuracy = Parameters<typeof resultWarnings>[0];
type Measured = Parameters<typeof resultWarnings>[1];

const exactly = (value: number) => ({ value, low: value, high: value });

function accuracy(fields: Partial<Accuracy>): Accuracy {
  return {
    metric: 'top1',
    unit: 'fraction',
    higherIsBetter: true,
    against: 'labels',
    samples: 100,
    value: exactly(0.9),
    drop: exactly(0),
    mcnemarP: 1,
    sqnr: 30,
    cosine: 1,
    failures: 0,
    ...fields,
  };
}

function measured(low: number, high: number): Measured {
  const p = exactly(1);
  const speedup = { value: (low + high) / 2, low, high };
  return {
    size: { raw: 1, gzip: 1, brotli: 1 },
    latency: { p50: p, p95: p, p99: p, runs: 9, threads: 1, speedup },
    memory: null,
  };
}

describe('resultWarnings', () => {
  it.each([
    ['a faster one', accuracy({}), measured(1.1, 1.2), []],
    ['one that may be either', accuracy({}), measured(0.9, 1.1), []],
    ['a slower one', accuracy({}), measured(0.7, 0.8), ['result-slower']],
    ['a small drop', accuracy({ drop: exactly(0.01) }), measured(1, 2), []],
    ['a large drop', accuracy({ drop: exactly(0.03) }), measured(1, 2), ['result-less-accurate']],
    [
      'disagreement without labels',
      accuracy({ against: 'reference', sqnr: 4 }),
      measured(1, 2),
      ['result-less-accurate'],
    ],
    ['agreement without labels', accuracy({ against: 'reference', sqnr: 25 }), measured(1, 2), []],
    ['noise that costs no answers', accuracy({ sqnr: 4 }), measured(1, 2), []],
  ])('about %s', (_, result, measurement, codes) => {
    expect(resultWarnings(result, measurement, true).map(({ code }) => code)).toEqual(codes);
  });
});

it('blames int8 for being slow only where there is any', () => {
  const hintOf = (quantized: boolean) => resultWarnings(accuracy({}), measured(0.7, 0.8), quantized)[0]?.hint;
  expect(hintOf(true)).toContain('int8');
  expect(hintOf(false)).not.toContain('int8');
});

describe('lessAccurate', () => {
  it('names the artifact that loses answers', () => {
    const [found, ...others] = lessAccurate(accuracy({ drop: exactly(0.24) }), 'device');
    expect(found).toMatchObject({ code: 'result-less-accurate', at: 'device' });
    expect(found?.message).toBe('the device artifact loses 24.00 pt of top1 against the source');
    expect(others).toEqual([]);
  });

  it('has nothing to say where accuracy was not measured', () => {
    expect(lessAccurate(null, 'device')).toEqual([]);
  });
});
