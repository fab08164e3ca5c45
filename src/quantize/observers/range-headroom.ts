/** Below as many samples their peaks say nothing about those of others. */
const FEWEST_SAMPLES = 4;

/** The peak to have room for is one that a sample in so many exceeds. */
const SAMPLES_WITHIN = 100;

/** A range is made at most so many times as long: a few outliers are no reason to round all else coarsely. */
const MOST_HEADROOM = 2;

/**
 * How many times as far a range is to reach to one side as it does on calibration data, so that few samples of other data
 * are clipped: peaks of samples are taken to follow Gumbel's distribution, whose quantiles follow from their mean and
 * standard deviation. Where every sample reaches the same peak, as after Relu6, no room is needed. What is clipped is often
 * what matters: the score of the class that a model is most certain of.
 *
 * @param peaks how far each sample reached, 0 where it did not reach to this side at all.
 */
export function rangeHeadroom(peaks: readonly number[]): number {
  const largest = peaks.reduce((a, b) => Math.max(a, b), 0);
  if (peaks.length < FEWEST_SAMPLES || largest === 0) return 1;
  const mean = peaks.reduce((a, b) => a + b, 0) / peaks.length;
  const variance = peaks.reduce((sum, peak) => sum + (peak - mean) ** 2, 0) / (peaks.length - 1);
  const spread = (Math.sqrt(6 * variance) / Math.PI) * (Math.log(SAMPLES_WITHIN) - EULER);
  return Math.max(1, Math.min(MOST_HEADROOM, (mean + spread) / largest));
}

/** Euler's constant: Gumbel's mean lies so many times its scale above its mode. */
const EULER = 0.5772156649015329;
