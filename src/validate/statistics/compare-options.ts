import type { BootstrapOptions } from './bootstrap-intervals.ts';

/** Share of intervals that hold the true value, unless another is asked for. */
export const DEFAULT_CONFIDENCE = 0.95;

/** How values and drops get their intervals. */
export interface CompareOptions {
  /** Default `DEFAULT_CONFIDENCE`. */
  readonly confidence?: number;
  /** Of the bootstrap's random stream. */
  readonly seed: number;
  /** Default `DEFAULT_RESAMPLES`. */
  readonly resamples?: number;
}

/** The bootstrap's options with their defaults. */
export function bootstrapOf({ confidence = DEFAULT_CONFIDENCE, seed, resamples }: CompareOptions): BootstrapOptions {
  return { confidence, seed, ...(resamples === undefined ? {} : { resamples }) };
}
