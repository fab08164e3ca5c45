import type { Weights } from '../metrics/records.ts';
import { type BootstrapOptions, bootstrapIntervals } from './bootstrap-intervals.ts';
import type { Interval } from './interval.ts';

/** A result that needs bootstrap intervals of some statistics of `size` samples. */
export interface BootstrapJob<T> {
  readonly size: number;
  /** The statistics, always `count` of them; 0 when the result needs no intervals. */
  readonly count: number;
  statistics(weights?: Weights): readonly number[];
  /** Makes the result from the intervals, one for each statistic. */
  finish(intervals: readonly (Interval | null)[]): T;
}

/** A job whose result needs no intervals. */
export function settledJob<T>(size: number, result: T): BootstrapJob<T> {
  return { size, count: 0, statistics: () => [], finish: () => result };
}

/**
 * Runs jobs over the same resamples: drawing them is most of the work. Each result is what the job alone would give,
 * since the draws depend on the seed and the number of samples only.
 */
export function runBootstrapJobs<T>(jobs: readonly BootstrapJob<T>[], options: BootstrapOptions): T[] {
  const intervals = new Map<number, readonly (Interval | null)[]>();
  const waiting = jobs.filter(({ count }) => count > 0);
  for (const size of new Set(waiting.map((job) => job.size))) {
    const group = waiting.filter((job) => job.size === size);
    const statistics = (weights?: Weights): readonly number[] => group.flatMap((job) => job.statistics(weights));
    intervals.set(size, bootstrapIntervals(statistics, size, options));
  }
  const taken = new Map<number, number>();
  return jobs.map((job) => {
    const from = taken.get(job.size) ?? 0;
    taken.set(job.size, from + job.count);
    return job.finish((intervals.get(job.size) ?? []).slice(from, from + job.count));
  });
}
