import type { Estimator } from '../metrics/metric.ts';
import type { Records } from '../metrics/records.ts';
import { type BootstrapJob, runBootstrapJobs, settledJob } from './bootstrap-jobs.ts';
import { bootstrapOf, type CompareOptions } from './compare-options.ts';
import type { Estimated, Interval } from './interval.ts';
import { pairedTable } from './paired-table.ts';
import { wilsonInterval } from './wilson-interval.ts';

/** What a metric says of one model: its value and the interval of it. */
export interface MetricValue extends Estimated {
  readonly metric: string;
  readonly unit: Estimator['unit'];
  readonly higherIsBetter: boolean;
  readonly samples: number;
}

/** A metric's value over its records with its interval: Wilson for 0/1 scores, BCa bootstrap otherwise, null for extremes. */
export function estimateMetric(metric: Estimator, records: Records, options: CompareOptions): MetricValue {
  return runBootstrapJobs([estimateJob(metric, records, options)], bootstrapOf(options))[0]!;
}

/** `estimateMetric` as a job that shares its resamples with others. */
export function estimateJob(metric: Estimator, records: Records, options: CompareOptions): BootstrapJob<MetricValue> {
  const { name, unit, higherIsBetter } = metric;
  const { size } = records;
  const estimate = metric.estimator(records);
  const value = finiteOrNull(estimate());
  const result = (interval: Interval | null): MetricValue => ({
    metric: name,
    unit,
    higherIsBetter,
    samples: size,
    value,
    interval,
  });
  const scores = records.values.subarray(0, size);
  const table = metric.inference === 'proportion' ? pairedTable(scores, scores) : undefined;
  if (table !== undefined) {
    return settledJob(size, result(wilsonInterval(table.both, size, bootstrapOf(options).confidence)));
  }
  if (metric.inference === 'none' || value === null) return settledJob(size, result(null));
  return {
    size,
    count: 1,
    statistics: (weights) => [estimate(weights)],
    finish: ([interval]) => result(interval ?? null),
  };
}

/** What JSON can hold of a number. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
