import type { AgreementMetric, Estimator } from '../metrics/metric.ts';
import type { Records, Weights } from '../metrics/records.ts';
import { type BootstrapJob, runBootstrapJobs, settledJob } from './bootstrap-jobs.ts';
import { bootstrapOf, type CompareOptions } from './compare-options.ts';
import { finiteOrNull, type MetricValue } from './estimate-metric.ts';
import type { Estimated, Interval } from './interval.ts';
import { type McNemar, mcNemarTest } from './mcnemar-test.ts';
import { newcombePairedInterval } from './newcombe-paired-interval.ts';
import { type PairedTable, pairedTable } from './paired-table.ts';
import { wilsonInterval } from './wilson-interval.ts';

/** A metric of a candidate beside that of the reference, over the same samples. */
export interface PairedComparison {
  readonly metric: string;
  readonly unit: Estimator['unit'];
  readonly higherIsBetter: boolean;
  /** What the metric was taken against; `reference` where the reference is perfect by definition. */
  readonly against: 'labels' | 'reference';
  /** The output it is of, where each output has its own. */
  readonly output?: string;
  readonly samples: number;
  readonly reference: Estimated;
  readonly candidate: Estimated;
  /** How much worse the candidate is, in the metric's unit: positive is a loss, whichever way is better. */
  readonly drop: Estimated;
  /** For metrics on which every sample scores 0 or 1. */
  readonly mcnemar?: McNemar;
}

/**
 * Compares a metric's records of two models over the same samples in the same order. Scores of 0 and 1: Wilson intervals,
 * Newcombe's interval of the drop, and McNemar's exact test. Otherwise BCa bootstrap intervals, resampling pairs, so that
 * what the two have in common cancels out of the drop. Metrics of extremes have no intervals.
 *
 * @throws RangeError when the records are not of as many samples.
 */
export function comparePaired(
  metric: Estimator,
  reference: Records,
  candidate: Records,
  options: CompareOptions,
): PairedComparison {
  return runBootstrapJobs([pairedJob(metric, reference, candidate, options)], bootstrapOf(options))[0]!;
}

/** `comparePaired` as a job that shares its resamples with others. */
export function pairedJob(
  metric: Estimator,
  reference: Records,
  candidate: Records,
  options: CompareOptions,
): BootstrapJob<PairedComparison> {
  const { size } = reference;
  if (size !== candidate.size) {
    throw new RangeError(`${size} samples of the reference against ${candidate.size} of the candidate`);
  }
  const { name, unit, higherIsBetter } = metric;
  const head = { metric: name, unit, higherIsBetter, against: 'labels' as const, samples: size };
  const table =
    metric.inference === 'proportion'
      ? pairedTable(reference.values.subarray(0, size), candidate.values.subarray(0, size))
      : undefined;
  if (table !== undefined) {
    return settledJob(size, { ...head, ...comparedCounts(table, size, bootstrapOf(options).confidence) });
  }
  const ofReference = metric.estimator(reference);
  const ofCandidate = metric.estimator(candidate);
  const statistics = (weights?: Weights): readonly number[] => {
    const before = ofReference(weights);
    const after = ofCandidate(weights);
    return [before, after, higherIsBetter ? before - after : after - before];
  };
  const values = statistics().map(finiteOrNull);
  const finish = (intervals: readonly (Interval | null)[]): PairedComparison => {
    const estimated = (i: number): Estimated => ({ value: values[i]!, interval: intervals[i] ?? null });
    return { ...head, reference: estimated(0), candidate: estimated(1), drop: estimated(2) };
  };
  if (metric.inference === 'none') return settledJob(size, finish([]));
  return { size, count: values.length, statistics, finish };
}

function comparedCounts(
  pairs: PairedTable,
  size: number,
  confidence: number,
): Pick<PairedComparison, 'reference' | 'candidate' | 'drop' | 'mcnemar'> {
  const proportion = (successes: number): Estimated => ({
    value: successes / size,
    interval: wilsonInterval(successes, size, confidence),
  });
  return {
    reference: proportion(pairs.both + pairs.onlyFirst),
    candidate: proportion(pairs.both + pairs.onlySecond),
    drop: { value: (pairs.onlyFirst - pairs.onlySecond) / size, interval: newcombePairedInterval(pairs, confidence) },
    mcnemar: mcNemarTest(pairs),
  };
}

/** An agreement with the reference as a comparison: the reference agrees with itself, so the drop is what is missing. */
export function dropFromPerfect(metric: AgreementMetric, output: string, measured: MetricValue): PairedComparison {
  const { perfect = Number.NaN, higherIsBetter } = metric;
  const lossOf = (value: number): number => (higherIsBetter ? perfect - value : value - perfect);
  const { value, interval, unit, samples } = measured;
  const ends = interval === null ? [] : [lossOf(interval.low), lossOf(interval.high)].sort((a, b) => a - b);
  return {
    metric: metric.name,
    unit,
    higherIsBetter,
    against: 'reference',
    output,
    samples,
    reference: { value: finiteOrNull(perfect), interval: null },
    candidate: { value, interval },
    drop: {
      value: value === null ? null : finiteOrNull(lossOf(value)),
      interval: interval === null || !Number.isFinite(perfect) ? null : { ...interval, low: ends[0]!, high: ends[1]! },
    },
  };
}
