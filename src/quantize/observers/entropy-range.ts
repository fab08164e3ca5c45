import type { ValueRange } from '../../pass/define-pass.ts';
import type { HistogramCounts } from './growing-histogram.ts';

/** Levels of an 8-bit type. */
const LEVELS = 256;

/** Candidate thresholds that are compared; the error of the choice is then under 1% of the range. */
const CANDIDATES = 256;

/**
 * Most values that a threshold may cut off, as a share of those that are not 0. Where many values are the same number
 * (the background of an image), the divergence is least at thresholds that separate it from its neighbours, however much
 * they cut off.
 */
const CLIPPED_SHARE = 0.01;

/** Stands in for an empty bin of the quantized distribution, as a share of one value: keeps the divergence finite. */
const EMPTY_BIN = 1e-4;

/**
 * The range whose quantized distribution is closest to that of the values, by the Kullback-Leibler divergence over
 * magnitudes (Migacz, "8-bit inference with TensorRT", GTC 2017). Values past a threshold count as the threshold itself.
 * Exact zeros do not take part: they are exact at every scale.
 */
export function entropyRange(histogram: HistogramCounts): ValueRange {
  const magnitudes = magnitudeCounts(histogram);
  const { min, max, width } = histogram;
  const levels = min < 0 && max > 0 ? LEVELS / 2 : LEVELS;
  let best = magnitudes.length;
  let bestDivergence = Number.POSITIVE_INFINITY;
  let clipped = 0;
  let allowed = 0;
  for (const count of magnitudes) allowed += count * CLIPPED_SHARE;
  const step = Math.max(1, Math.floor((magnitudes.length - levels) / CANDIDATES));
  for (let bins = magnitudes.length; bins > levels && clipped <= allowed; bins -= step) {
    const divergence = divergenceAt(magnitudes, bins, levels);
    if (divergence < bestDivergence) {
      bestDivergence = divergence;
      best = bins;
    }
    for (let i = Math.max(0, bins - step); i < bins; i++) clipped += magnitudes[i]!;
  }
  const threshold = best * width;
  return { min: Math.max(min, -threshold), max: Math.min(max, threshold) };
}

/** Counts of |value| in bins of the histogram's width, as many as hold a value. */
function magnitudeCounts({ counts, first }: HistogramCounts): Float64Array {
  const folded = new Float64Array(counts.length);
  let used = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]!;
    if (count === 0) continue;
    const bin = first + i;
    const magnitude = bin < 0 ? -bin - 1 : bin;
    folded[magnitude]! += count;
    used = Math.max(used, magnitude + 1);
  }
  return folded.subarray(0, used);
}

/** Divergence of the values clipped at `bins` from their distribution over `levels` equal steps. */
function divergenceAt(magnitudes: Float64Array, bins: number, levels: number): number {
  let outliers = 0;
  for (let i = bins; i < magnitudes.length; i++) outliers += magnitudes[i]!;
  let total = outliers;
  let kept = 0;
  for (let i = 0; i < bins; i++) kept += magnitudes[i]!;
  total += kept;
  if (kept === 0) return Number.POSITIVE_INFINITY;
  let divergence = 0;
  for (let level = 0; level < levels; level++) {
    const start = Math.round((level * bins) / levels);
    const end = Math.round(((level + 1) * bins) / levels);
    let sum = 0;
    let occupied = 0;
    for (let i = start; i < end; i++) {
      sum += magnitudes[i]!;
      if (magnitudes[i]! > 0) occupied++;
    }
    // A level gives back its values spread over those of its bins that held any.
    const spread = occupied === 0 ? 0 : sum / occupied;
    for (let i = start; i < end; i++) {
      const count = magnitudes[i]! + (i === bins - 1 ? outliers : 0);
      if (count === 0) continue;
      const quantized = magnitudes[i]! > 0 ? spread : EMPTY_BIN;
      divergence += (count / total) * Math.log(count / total / (quantized / kept));
    }
  }
  return divergence;
}
