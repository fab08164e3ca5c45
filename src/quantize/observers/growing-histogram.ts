import { type Extent, finiteExtent } from './finite-extent.ts';

/** Bins of a histogram; after any growth at least half of them span the values seen. 32 kB per tensor. */
export const HISTOGRAM_BINS = 4096;

/** The step at which to count at most `most` of `count` values: odd, so that it does not run down a column of an image. */
export function countedStep(count: number, most: number): number {
  return 2 * Math.floor(count / most) + 1;
}

/** Counts of values: bin i holds those in [(first + i) * width, (first + i + 1) * width). Exact zeros are counted apart. */
export interface HistogramCounts {
  readonly counts: Float64Array;
  /** Width of a bin, a power of two. */
  readonly width: number;
  /** Number of the first bin, counted from the bin that starts at 0. */
  readonly first: number;
  readonly zeros: number;
  /** All values that the counts stand for, zeros included. */
  readonly total: number;
  readonly min: number;
  readonly max: number;
}

/**
 * A histogram over a range that grows with what is added. Bins are powers of two wide and start at multiples of their
 * width, so doubling the width merges whole bins: every value already counted keeps its exact place. The bins always
 * span 0, because a quantized range does.
 */
export class GrowingHistogram implements HistogramCounts {
  counts = new Float64Array(HISTOGRAM_BINS);
  width = 0;
  first = 0;
  zeros = 0;
  total = 0;
  min = 0;
  max = 0;
  readonly #label: string;
  readonly #counted: number;

  /**
   * @param label the tensor's name, for messages.
   * @param counted values of one sample, at most, that are counted one by one, spread evenly over it; of a larger tensor
   * each stands for its neighbours. The shape of a distribution is known from far fewer than all, and counting all would
   * take longer than running the model.
   */
  constructor(label: string, counted: number) {
    this.#label = label;
    this.#counted = counted;
  }

  /** Adds values. @throws ModelpressError `calibrate-not-finite`. */
  add(values: Float32Array): void {
    if (values.length === 0) return;
    const step = countedStep(values.length, this.#counted);
    const counted =
      step === 1 ? values : Float32Array.from({ length: Math.ceil(values.length / step) }, (_, i) => values[i * step]!);
    this.addCounted(finiteExtent(this.#label, values), counted, values.length);
  }

  /**
   * Adds `count` values of which the ends are known, and some that stand for all: every `countedStep`-th. Where those are
   * not all, the ends count as well, so that what is rare but far out is not overlooked.
   */
  addCounted({ min, max }: Extent, values: Float32Array, count: number): void {
    if (count === 0) return;
    this.min = this.total === 0 ? min : Math.min(this.min, min);
    this.max = this.total === 0 ? max : Math.max(this.max, max);
    this.total += count;
    if (min === 0 && max === 0) {
      this.zeros += count;
      return;
    }
    this.#cover(Math.min(0, this.min), Math.max(0, this.max));
    const { counts } = this;
    const patterns = new Int32Array(values.buffer, values.byteOffset, values.length);
    const scale = 1 / this.width;
    const offset = -this.first;
    const complete = values.length === count;
    const weight = complete ? 1 : (count - 2) / values.length;
    let zeros = 0;
    for (let i = 0; i < values.length; i++) {
      // 1 where all bits but the sign are 0; a branch here would be mispredicted after every Relu.
      zeros += ((patterns[i]! & 0x7fffffff) - 1) >>> 31;
      const bin = Math.floor(values[i]! * scale) + offset;
      counts[bin] = counts[bin]! + weight;
    }
    if (!complete) for (const end of [min, max]) this.#countEnd(end);
    // Not below 0 by what additions of a fraction round off.
    counts[offset] = Math.max(0, counts[offset]! - zeros * weight);
    this.zeros += zeros * weight;
  }

  #countEnd(end: number): void {
    if (end === 0) {
      this.zeros++;
      return;
    }
    const bin = Math.floor(end / this.width) - this.first;
    this.counts[bin] = this.counts[bin]! + 1;
  }

  /** Widens the bins until they span `low` to `high`, merging pairs. */
  #cover(low: number, high: number): void {
    let width = this.width || 2 ** Math.ceil(Math.log2((high - low) / HISTOGRAM_BINS));
    while (Math.floor(high / width) - Math.floor(low / width) >= HISTOGRAM_BINS) width *= 2;
    const first = Math.floor(low / width);
    if (this.width === 0) {
      this.width = width;
      this.first = first;
    }
    if (width === this.width && first === this.first) return;
    const ratio = width / this.width;
    const merged = new Float64Array(HISTOGRAM_BINS);
    for (let i = 0; i < HISTOGRAM_BINS; i++) {
      const count = this.counts[i]!;
      if (count > 0) merged[Math.floor((this.first + i) / ratio) - first]! += count;
    }
    this.counts = merged;
    this.width = width;
    this.first = first;
  }
}
