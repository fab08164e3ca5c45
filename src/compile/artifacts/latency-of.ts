import { estimateQuantile } from '../../measure/quantile.ts';
import type { Variant } from '../../report/report-schema.ts';

type Latency = NonNullable<Variant['latency']>;

const UNKNOWN: Latency['speedup'] = { value: null, low: null, high: null };

/**
 * Times of single runs as reports hold them.
 *
 * @param times in milliseconds, at least one.
 * @param speedup against the source; unknown where the source does not run in the same runtime, which alone compares two
 * models.
 */
export function latencyOf(times: readonly number[], threads: number, speedup: Latency['speedup'] = UNKNOWN): Latency {
  return {
    p50: estimateQuantile(times, 0.5),
    p95: estimateQuantile(times, 0.95),
    p99: estimateQuantile(times, 0.99),
    runs: times.length,
    threads,
    speedup,
  };
}
