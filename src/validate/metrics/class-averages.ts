import { type ClassCounts, classCounts, classesIn } from './confusion-matrix.ts';
import type { ClassMetric } from './metric.ts';

/**
 * The mean over classes of a score of each class. Classes that are neither in the labels nor in the predictions do not
 * count; a ratio with nothing below the line is 0.
 */
function macroAverage(
  name: string,
  aliases: readonly string[],
  summary: string,
  scoreOf: (hits: number, truths: number, predictions: number) => number,
): ClassMetric {
  const average = ({ hits, truths, predictions }: ClassCounts): number => {
    let sum = 0;
    let present = 0;
    for (let index = 0; index < hits.length; index++) {
      if (truths[index] === 0 && predictions[index] === 0) continue;
      sum += scoreOf(hits[index]!, truths[index]!, predictions[index]!);
      present++;
    }
    return sum / present;
  };
  return {
    name,
    aliases,
    kind: 'classification',
    summary,
    higherIsBetter: true,
    unit: 'fraction',
    inference: 'bootstrap',
    record: ({ truth, predicted }) => [truth, predicted],
    estimator: (records) => {
      const classes = classesIn(records);
      return (weights) => average(classCounts(records, classes, weights));
    },
  };
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** Precision averaged over classes, each class counting the same. */
export const macroPrecision = macroAverage(
  'macro-precision',
  ['precision'],
  'mean over classes of the share of predictions of the class that are right',
  (hits, _truths, predictions) => ratio(hits, predictions),
);

/** Recall averaged over classes, which is the balanced accuracy. */
export const macroRecall = macroAverage(
  'macro-recall',
  ['recall', 'balanced-accuracy'],
  'mean over classes of the share of samples of the class that are found',
  (hits, truths) => ratio(hits, truths),
);

/** F1 averaged over classes, each class counting the same. */
export const macroF1 = macroAverage(
  'macro-f1',
  ['f1'],
  'mean over classes of the harmonic mean of precision and recall',
  (hits, truths, predictions) => ratio(2 * hits, truths + predictions),
);
