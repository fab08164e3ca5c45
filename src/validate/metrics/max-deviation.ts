import { largestOf } from './estimators.ts';
import type { AgreementMetric, AgreementOutcome } from './metric.ts';

/** Largest |y' - y| of any element of any sample. It has no interval. */
export const maxAbsoluteError: AgreementMetric = {
  name: 'max-abs-error',
  aliases: ['max-abs'],
  kind: 'agreement',
  summary: 'largest absolute difference from the reference output',
  higherIsBetter: false,
  unit: 'values',
  inference: 'none',
  perfect: 0,
  record: largestErrorAndValue,
  estimator: (records) => largestOf(records),
};

/**
 * Largest |y' - y| of any sample over the largest |y| of any sample: an error measured by the output's own range, which
 * a single element near zero cannot blow up. It has no interval.
 */
export const maxRelativeError: AgreementMetric = {
  ...maxAbsoluteError,
  name: 'max-relative-error',
  aliases: ['max-rel'],
  summary: 'largest absolute difference from the reference output, relative to its largest magnitude',
  unit: 'fraction',
  estimator: (records) => {
    const error = largestOf(records, 0);
    const magnitude = largestOf(records, 1);
    return (weights) => (error(weights) === 0 ? 0 : error(weights) / magnitude(weights));
  },
};

/** The largest |y' - y| and the largest |y|, over the elements that are finite in the reference. */
function largestErrorAndValue({ expected, actual }: AgreementOutcome): readonly number[] {
  let error = 0;
  let magnitude = 0;
  for (let i = 0; i < expected.length; i++) {
    const y = expected[i]!;
    if (!Number.isFinite(y)) continue;
    error = Math.max(error, Math.abs(actual[i]! - y));
    magnitude = Math.max(magnitude, Math.abs(y));
  }
  return [error, magnitude];
}
