import type { SessionOptions } from '../runtime/session.ts';
import { type Estimate, estimateQuantile, estimateRatio } from './quantile.ts';
import { encodeSubject, runWorker, type Subject } from './run-worker.ts';

/** How long one run of a model takes, in milliseconds; intervals are at 95%. */
export interface LatencyMeasurement {
  readonly p50: Estimate;
  readonly p95: Estimate;
  readonly p99: Estimate;
  readonly runs: number;
  readonly threads: number;
}

/** Several models measured in turn in one process, and how much faster each is than the first. */
export interface LatencyComparison {
  readonly subjects: readonly LatencyMeasurement[];
  /** Median of the first over median of each: above 1 is faster. The first is 1 by definition. */
  readonly speedups: readonly Estimate[];
}

export interface LatencyOptions extends Pick<SessionOptions, 'threads'> {
  /** Time to spend on measured runs, in milliseconds. Default 2,000. */
  readonly budgetMs?: number;
  readonly seed?: number;
}

/** Runs before measuring starts: the allocator and the caches of both models have settled by then. */
const WARMUP_RUNS = 10;
/** Rounds that are measured however slow the model is; fewer give no interval worth the name. */
const MIN_ROUNDS = 7;
/** Rounds after which more add nothing: the interval of the median is then under 2% of its spread. */
const MAX_ROUNDS = 2000;
/** Longest that loading and the rounds above may take. */
const TIMEOUT_MS = 300_000;

/**
 * Measures the latency of one or more models, one run of each in turn, in a process of their own.
 *
 * @throws ModelpressError `measure-failed`.
 */
export async function measureLatency(
  subjects: readonly Subject[],
  options: LatencyOptions = {},
): Promise<LatencyComparison> {
  const threads = options.threads ?? 1;
  const job = {
    kind: 'latency',
    subjects: subjects.map((subject) => encodeSubject(subject, { threads })),
    warmup: WARMUP_RUNS,
    minRounds: MIN_ROUNDS,
    maxRounds: MAX_ROUNDS,
    budgetMs: options.budgetMs ?? 2000,
  };
  const label = subjects.map((subject) => subject.path).join(', ');
  const { times } = await runWorker<{ times: number[][] }>(job, label, TIMEOUT_MS);
  return {
    subjects: times.map((series) => ({
      p50: estimateQuantile(series, 0.5),
      p95: estimateQuantile(series, 0.95),
      p99: estimateQuantile(series, 0.99),
      runs: series.length,
      threads,
    })),
    speedups: times.map((series, index) =>
      index === 0 ? { value: 1, low: 1, high: 1 } : estimateRatio(times[0] ?? [], series, options.seed ?? 0),
    ),
  };
}
