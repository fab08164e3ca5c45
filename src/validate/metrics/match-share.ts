import { meanOf } from './estimators.ts';
import type { AgreementMetric } from './metric.ts';
import { indexOfLargest } from './top-k.ts';

const SHARED = {
  kind: 'agreement',
  higherIsBetter: true,
  unit: 'fraction',
  inference: 'proportion',
  perfect: 1,
  estimator: meanOf,
} as const;

/**
 * Share of rows along the last axis whose largest element is at the same place as in the reference. With one row per
 * sample, as classifiers have, each sample scores 0 or 1. A row with NaN has no largest element.
 */
export const top1Agreement: AgreementMetric = {
  ...SHARED,
  name: 'top1-agreement',
  aliases: ['agreement'],
  summary: 'share of samples with the same top class as the reference',
  record: ({ expected, actual, rowLength }) => {
    let same = 0;
    let rows = 0;
    for (let from = 0; from < expected.length; from += rowLength, rows++) {
      const to = from + rowLength;
      if (indexOfLargest(expected, from, to) === indexOfLargest(actual, from, to)) same++;
    }
    return [rows === 0 ? 1 : same / rows];
  },
};

/** Share of elements that are the same: for outputs that are labels, indices, flags or text. */
export const equalElements: AgreementMetric = {
  ...SHARED,
  name: 'equal',
  summary: 'share of elements that equal the reference exactly',
  record: ({ expected, actual }) => {
    let same = 0;
    for (let i = 0; i < expected.length; i++) {
      if (expected[i] === actual[i] || (Number.isNaN(expected[i]) && Number.isNaN(actual[i]))) same++;
    }
    return [expected.length === 0 ? 1 : same / expected.length];
  },
};
