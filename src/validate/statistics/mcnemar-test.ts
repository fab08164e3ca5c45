import type { PairedTable } from './paired-table.ts';

/** Whether two models differ in how often they are right, from the samples on which they differ. */
export interface McNemar {
  /** Probability of a split at least this uneven if neither were better. */
  readonly pValue: number;
  /** Samples that the reference got right and the candidate wrong. */
  readonly lost: number;
  /** Samples that the candidate got right and the reference wrong. */
  readonly gained: number;
}

/**
 * The exact two-sided test of McNemar 1947 (Note on the sampling error of the difference between correlated
 * proportions): the samples on which the two differ split like a fair coin when neither is better. 1 when they never differ.
 */
export function mcNemarTest({ onlyFirst, onlySecond }: PairedTable): McNemar {
  const trials = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  let logTerm = -trials * Math.LN2;
  let tail = 0;
  for (let i = 0; i <= fewer; i++) {
    if (i > 0) logTerm += Math.log((trials - i + 1) / i);
    tail += Math.exp(logTerm);
  }
  return { pValue: Math.min(1, 2 * tail), lost: onlyFirst, gained: onlySecond };
}
