/** Below as many samples their peaks say nothing about those of others. */
const FEWEST_SAMPLES = 4;

/** No room is made for peaks that fewer than one sample in so many has. */
const SAMPLES_WITHIN = 100;

/** A range is made at most so many times as long: a few outliers are no reason to round all else coarsely. */
const MOST_HEADROOM = 2;

/** Euler's constant: Gumbel's mean lies so many times its scale above its mode. */
const EULER = 0.5772156649015329;

/** Mean squared error of rounding to 256 levels, in squares of the range. */
const ROUNDING = 1 / (12 * 255 ** 2);

/** Steps of the fixed point below, which changes in the logarithm only. */
const ITERATIONS = 4;

/**
 * How many times as far a range is to reach to one side as it does on calibration data. Peaks of samples are taken to
 * follow Gumbel's distribution, from their mean and standard deviation. The end t is where the squared errors of rounding
 * all values of a sample, which grow with t, and that of clipping its peak, 2 b^2 exp((mode - t) / b), are least
 * together: where a sample has many values little or nothing is gained, but one of few scores is to have room for the
 * class that a model is surer of than it was of any.
 *
 * @param peaks how far each sample reached, 0 where it did not reach to this side at all.
 * @param values that a sample has.
 */
export function rangeHeadroom(peaks: readonly number[], values: number): number {
  const largest = peaks.reduce((a, b) => Math.max(a, b), 0);
  if (peaks.length < FEWEST_SAMPLES || largest === 0) return 1;
  const mean = peaks.reduce((a, b) => a + b, 0) / peaks.length;
  const variance = peaks.reduce((sum, peak) => sum + (peak - mean) ** 2, 0) / (peaks.length - 1);
  const scale = Math.sqrt(6 * variance) / Math.PI;
  const mode = mean - EULER * scale;
  const highest = Math.min(mode + scale * Math.log(SAMPLES_WITHIN), MOST_HEADROOM * largest);
  let end = largest;
  for (let i = 0; i < ITERATIONS && scale > 0; i++) {
    const wanted = mode + scale * Math.log(scale / (values * ROUNDING * end));
    end = Math.max(largest, Math.min(highest, wanted));
  }
  return end / largest;
}
