import type { ValueRange } from '../../pass/define-pass.ts';
import type { HistogramCounts } from './growing-histogram.ts';

/** Steps of an 8-bit type. */
const STEPS = 255;

/** Candidates for an end of the range: sixteenths of it first, then eighths of a sixteenth around the best of them. */
const COARSE = 16;
const FINE = 8;

/** Sweeps over the two ends; the second lets each answer the other's choice, a third changed nothing on real tensors. */
const SWEEPS = 2;

/**
 * The range that loses least to quantization: the mean squared error between the values and what they come back as,
 * clipping included, searched over both ends in turn.
 */
export function mseRange(histogram: HistogramCounts): ValueRange {
  const values = occupiedBins(histogram);
  let min = Math.min(0, histogram.min);
  let max = Math.max(0, histogram.max);
  const [fullMin, fullMax] = [min, max];
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    max = bestOf(fullMax, max, (candidate) => squaredError(values, min, candidate));
    min = bestOf(fullMin, min, (candidate) => squaredError(values, candidate, max));
  }
  return { min, max };
}

interface OccupiedBins {
  readonly centers: Float64Array;
  readonly counts: Float64Array;
}

function occupiedBins({ counts, first, width, min, max }: HistogramCounts): OccupiedBins {
  const occupied: number[] = [];
  for (let i = 0; i < counts.length; i++) if (counts[i]! > 0) occupied.push(i);
  return {
    centers: Float64Array.from(occupied, (i) => Math.min(max, Math.max(min, (first + i + 0.5) * width))),
    counts: Float64Array.from(occupied, (i) => counts[i]!),
  };
}

/** The share of an end of the range at which the error is least, from all of it inwards. */
function bestOf(full: number, start: number, errorAt: (candidate: number) => number): number {
  if (full === 0) return 0;
  let best = start;
  let bestError = errorAt(start);
  const consider = (candidate: number) => {
    const error = errorAt(candidate);
    if (error < bestError) {
      bestError = error;
      best = candidate;
    }
  };
  for (let k = COARSE; k >= 1; k--) consider((full * k) / COARSE);
  const center = best;
  const step = full / COARSE / FINE;
  for (let k = 1 - FINE; k < FINE; k++) {
    const candidate = center + k * step;
    // Within the range, and not past 0.
    if (Math.abs(candidate) <= Math.abs(full) && candidate * full > 0) consider(candidate);
  }
  return best;
}

/** Sum over all values of the squared distance to the nearest of 256 levels from `min` to `max`. */
function squaredError({ centers, counts }: OccupiedBins, min: number, max: number): number {
  const scale = (max - min) / STEPS;
  if (scale === 0) return Number.POSITIVE_INFINITY;
  const zeroPoint = Math.round(-min / scale);
  let sum = 0;
  for (let i = 0; i < centers.length; i++) {
    const value = centers[i]!;
    const level = Math.min(STEPS - zeroPoint, Math.max(-zeroPoint, Math.round(value / scale)));
    const error = value - level * scale;
    sum += counts[i]! * error * error;
  }
  return sum;
}
