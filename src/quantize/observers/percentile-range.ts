import type { ValueRange } from '../../pass/define-pass.ts';
import type { HistogramCounts } from './growing-histogram.ts';

/**
 * The range that holds `percentile` percent of the values. What is left out is taken from both tails alike, or all from
 * the one side that the values lie on. Interpolated inside a bin; never wider than the values themselves.
 */
export function percentileRange(histogram: HistogramCounts, percentile: number): ValueRange {
  const { min, max, total } = histogram;
  const outside = total * (1 - percentile / 100);
  const perTail = min < 0 && max > 0 ? outside / 2 : outside;
  return {
    min: min < 0 ? Math.max(min, Math.min(0, quantileFromBelow(histogram, perTail))) : min,
    max: max > 0 ? Math.min(max, Math.max(0, quantileFromAbove(histogram, perTail))) : max,
  };
}

/** The value that `rank` values lie below. */
function quantileFromBelow({ counts, width, first, zeros }: HistogramCounts, rank: number): number {
  let seen = 0;
  for (let i = 0; i < counts.length; i++) {
    if (first + i === 0) seen += zeros;
    const count = counts[i]!;
    if (count > 0 && seen + count > rank) return (first + i + Math.max(0, rank - seen) / count) * width;
    seen += count;
  }
  return 0;
}

/** The value that `rank` values lie above. */
function quantileFromAbove({ counts, width, first, zeros }: HistogramCounts, rank: number): number {
  let seen = 0;
  for (let i = counts.length - 1; i >= 0; i--) {
    const count = counts[i]!;
    if (count > 0 && seen + count > rank) return (first + i + 1 - Math.max(0, rank - seen) / count) * width;
    seen += count;
    if (first + i === 0) seen += zeros;
  }
  return 0;
}
