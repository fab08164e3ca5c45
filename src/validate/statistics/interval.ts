/** A confidence interval and where it comes from. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  /** Share of intervals made this way that hold the true value, as 0.95. */
  readonly confidence: number;
  readonly method: 'wilson' | 'newcombe-paired' | 'bootstrap-bca';
}

/** A measured value; null where it is undefined or not a finite number. The interval is null where there is none. */
export interface Estimated {
  readonly value: number | null;
  readonly interval: Interval | null;
}
