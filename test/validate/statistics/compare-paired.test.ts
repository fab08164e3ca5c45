import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/random/seeded-random.ts';
import { cosine } from '../../../src/validate/metrics/cosine-similarity.ts';
import { type Records, recordsOf } from '../../../src/validate/metrics/records.ts';
import { top1 } from '../../../src/validate/metrics/top-k.ts';
import { maxError, meanAbsoluteError, rootMeanSquaredError } from '../../../src/validate/metrics/value-errors.ts';
import { runBootstrapJobs } from '../../../src/validate/statistics/bootstrap-jobs.ts';
import { comparePaired, dropFromPerfect, pairedJob } from '../../../src/validate/statistics/compare-paired.ts';
import { estimateMetric } from '../../../src/validate/statistics/estimate-metric.ts';

const OPTIONS = { confidence: 0.95, seed: 1 };

describe('paired comparison', () => {
  test('0/1 scores: Wilson, Newcombe and McNemar', () => {
    // Pairs of Cavo 2012; see the test of the proportions.
    const scores = (counts: readonly number[], right: readonly number[]): Float64Array =>
      Float64Array.from(counts.flatMap((count, i) => new Array<number>(count).fill(right[i]!)));
    const counts = [59, 6, 16, 80];
    const compared = comparePaired(
      top1,
      recordsOf(scores(counts, [1, 1, 0, 0])),
      recordsOf(scores(counts, [1, 0, 1, 0])),
      OPTIONS,
    );
    expect(compared).toMatchObject({
      metric: 'top1',
      samples: 161,
      reference: { value: 65 / 161, interval: { method: 'wilson' } },
      candidate: { value: 75 / 161, interval: { method: 'wilson' } },
      drop: { value: -10 / 161, interval: { method: 'newcombe-paired' } },
      mcnemar: { lost: 6, gained: 16 },
    });
    expect(compared.drop.interval!.low).toBeCloseTo(-0.1186, 4);
    expect(compared.drop.interval!.high).toBeCloseTo(-0.0046, 4);
    expect(compared.mcnemar!.pValue).toBeCloseTo(0.0525, 4);
  });

  test('of an error the drop is the rise, and pairing makes its interval narrower than either value has', () => {
    const random = seededRandom(2);
    const reference = Float64Array.from({ length: 200 }, () => 10 * random.next());
    const candidate = reference.map((error) => error + 0.1 + 0.01 * random.normal());
    const {
      drop,
      candidate: after,
      ...rest
    } = comparePaired(meanAbsoluteError, recordsOf(reference), recordsOf(candidate), OPTIONS);
    expect(drop.value).toBeCloseTo(0.1, 2);
    expect(drop.interval!.low).toBeGreaterThan(0.09);
    expect(drop.interval!.high).toBeLessThan(0.11);
    expect(after.interval!.high - after.interval!.low).toBeGreaterThan(0.5);
    expect(rest.mcnemar).toBeUndefined();
  });

  test('extremes have no interval', () => {
    const { reference, drop } = comparePaired(maxError, recordsOf([1, 2]), recordsOf([1, 5]), OPTIONS);
    expect(reference).toEqual({ value: 2, interval: null });
    expect(drop).toEqual({ value: 3, interval: null });
  });

  test('an undefined candidate has null for value and drop, the reference keeps its own', () => {
    const { reference, candidate, drop } = comparePaired(
      meanAbsoluteError,
      recordsOf([1, 2, 4]),
      recordsOf([1, Number.NaN, 4]),
      OPTIONS,
    );
    expect(reference.value).toBeCloseTo(7 / 3, 12);
    expect(reference.interval).not.toBeNull();
    expect([candidate, drop]).toEqual([
      { value: null, interval: null },
      { value: null, interval: null },
    ]);
  });

  test('refuses records of other samples', () => {
    expect(() => comparePaired(top1, recordsOf([1]), recordsOf([1, 0]), OPTIONS)).toThrow(RangeError);
  });

  test('95% intervals of a drop hold it in about 95% of simulated pairs of classifiers', () => {
    const random = seededRandom(9);
    const cases = 400;
    let held = 0;
    for (let i = 0; i < cases; i++) {
      const before = new Float64Array(150);
      const after = new Float64Array(150);
      for (let j = 0; j < 150; j++) {
        const draw = random.next();
        before[j] = draw < 0.88 ? 1 : 0;
        after[j] = draw < 0.83 || draw > 0.98 ? 1 : 0;
      }
      const { low, high } = comparePaired(top1, recordsOf(before), recordsOf(after), OPTIONS).drop.interval!;
      if (low <= 0.03 && high >= 0.03) held++;
    }
    expect(held / cases).toBeGreaterThan(0.92);
    expect(held / cases).toBeLessThan(0.99);
  });
});

test('agreement with a reference that is perfect by definition: the drop is what is missing, the interval mirrored', () => {
  const measured = estimateMetric(cosine, recordsOf([0.9, 0.95, 1, 0.99]), OPTIONS);
  const { reference, candidate, drop, against } = dropFromPerfect(cosine, 'y', measured);
  expect(against).toBe('reference');
  expect(reference).toEqual({ value: 1, interval: null });
  expect(candidate.value).toBeCloseTo(0.96, 12);
  expect(drop.value).toBeCloseTo(0.04, 12);
  expect(drop.interval!.low).toBeCloseTo(1 - measured.interval!.high, 12);
  expect(drop.interval!.high).toBeCloseTo(1 - measured.interval!.low, 12);
});

test('jobs that share their resamples give what each gives alone, also beside jobs of other sizes', () => {
  const random = seededRandom(3);
  const errors = (size: number): Records => recordsOf(Float64Array.from({ length: size }, () => random.next()));
  const [a, b, c, d] = [errors(30), errors(30), errors(50), errors(50)] as const;
  const together = runBootstrapJobs(
    [
      pairedJob(meanAbsoluteError, a, b, OPTIONS),
      pairedJob(maxError, a, b, OPTIONS),
      pairedJob(meanAbsoluteError, c, d, OPTIONS),
      pairedJob(rootMeanSquaredError, b, a, OPTIONS),
    ],
    OPTIONS,
  );
  expect(together).toEqual([
    comparePaired(meanAbsoluteError, a, b, OPTIONS),
    comparePaired(maxError, a, b, OPTIONS),
    comparePaired(meanAbsoluteError, c, d, OPTIONS),
    comparePaired(rootMeanSquaredError, b, a, OPTIONS),
  ]);
});
