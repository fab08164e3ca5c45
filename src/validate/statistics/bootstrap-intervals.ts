import { type Random, seededRandom } from '../../random/seeded-random.ts';
import type { Weights } from '../metrics/records.ts';
import type { Interval } from './interval.ts';
import { normalCdf, normalQuantile } from './normal-distribution.ts';

/** Resamples: enough for 95% limits to settle to about a twentieth of the interval's width (Efron and Tibshirani 1993, 19.3). */
export const DEFAULT_RESAMPLES = 2000;

/** Groups of the jackknife: it costs as many evaluations, and more would not change the third digit of the acceleration. */
const JACKKNIFE_GROUPS = 200;

export interface BootstrapOptions {
  readonly confidence: number;
  readonly seed: number;
  readonly resamples?: number;
}

/**
 * Bootstrap intervals of several statistics of the same samples, from the same resamples: bias-corrected and accelerated
 * (BCa; Efron 1987, Better bootstrap confidence intervals), the acceleration from a jackknife over at most
 * `JACKKNIFE_GROUPS` groups. Resamples on which a statistic is undefined are left out of its interval; null for a
 * statistic that is undefined on the data or on half of the resamples, and for fewer than two samples. When every
 * resample gives the same value, the interval has no width: the samples show no variation to resample.
 *
 * @param statistics the values over samples counted by weights, always as many
 * @param size number of samples
 */
export function bootstrapIntervals(
  statistics: (weights?: Weights) => readonly number[],
  size: number,
  { confidence, seed, resamples = DEFAULT_RESAMPLES }: BootstrapOptions,
): (Interval | null)[] {
  const values = statistics();
  if (size < 2) return values.map(() => null);
  const random = seededRandom(seed);
  const replicates = values.map(() => new Float64Array(resamples));
  const weights = new Uint32Array(size);
  for (let resample = 0; resample < resamples; resample++) {
    weights.fill(0);
    for (let draw = 0; draw < size; draw++) weights[random.integer(size)]!++;
    statistics(weights).forEach((value, i) => {
      replicates[i]![resample] = value;
    });
  }
  const accelerations = jackknifeAccelerations(statistics, values.length, size, random);
  return values.map((value, i) => bcaInterval(value, replicates[i]!, accelerations[i]!, confidence));
}

function bcaInterval(
  value: number,
  replicates: Float64Array,
  acceleration: number,
  confidence: number,
): Interval | null {
  const sorted = replicates.filter(Number.isFinite).sort();
  if (!Number.isFinite(value) || sorted.length < replicates.length / 2) return null;
  let below = 0;
  for (const replicate of sorted) below += replicate < value ? 1 : replicate === value ? 0.5 : 0;
  const share = Math.min(Math.max(below, 0.5), sorted.length - 0.5) / sorted.length;
  const bias = normalQuantile(share);
  const limit = (p: number): number => {
    const shifted = bias + normalQuantile(p);
    const scale = 1 - acceleration * shifted;
    if (scale <= 0) return quantile(sorted, shifted > 0 ? 1 : 0);
    return quantile(sorted, normalCdf(bias + shifted / scale));
  };
  const low = limit((1 - confidence) / 2);
  const high = limit((1 + confidence) / 2);
  return { low, high, confidence, method: 'bootstrap-bca' };
}

/** The skewness of the statistics' influence over 6, each from leaving out one group of samples at a time. */
function jackknifeAccelerations(
  statistics: (weights?: Weights) => readonly number[],
  count: number,
  size: number,
  random: Random,
): number[] {
  const groups = Math.min(size, JACKKNIFE_GROUPS);
  const groupOf = shuffledGroups(size, groups, random);
  const weights = new Uint8Array(size);
  const left = Array.from({ length: count }, () => new Float64Array(groups));
  for (let group = 0; group < groups; group++) {
    for (let i = 0; i < size; i++) weights[i] = groupOf[i] === group ? 0 : 1;
    statistics(weights).forEach((value, i) => {
      left[i]![group] = value;
    });
  }
  return left.map((values) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / groups;
    let squares = 0;
    let cubes = 0;
    for (const value of values) {
      squares += (mean - value) ** 2;
      cubes += (mean - value) ** 3;
    }
    const acceleration = cubes / (6 * squares ** 1.5);
    return Number.isFinite(acceleration) ? acceleration : 0;
  });
}

/** Each sample's group, groups of nearly equal size, at random since a dataset may be ordered by class. */
function shuffledGroups(size: number, groups: number, random: Random): Uint32Array {
  const groupOf = Uint32Array.from({ length: size }, (_, i) => i % groups);
  for (let i = size - 1; i > 0; i--) {
    const other = random.integer(i + 1);
    const kept = groupOf[i]!;
    groupOf[i] = groupOf[other]!;
    groupOf[other] = kept;
  }
  return groupOf;
}

/** The quantile at (n + 1) p of sorted numbers, between neighbours in proportion. */
function quantile(sorted: Float64Array, p: number): number {
  const at = Math.min(Math.max(p * (sorted.length + 1) - 1, 0), sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}
