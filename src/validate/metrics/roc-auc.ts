import type { ClassMetric } from './metric.ts';
import type { Estimate, Records } from './records.ts';

/**
 * Area under the ROC curve as the rank statistic of Mann and Whitney, ties counting one half (Hanley and McNeil 1982,
 * The meaning and use of the area under a ROC curve). Binary: that class 1 scores higher than class 0, of two scores
 * their difference. More classes: the mean over classes of the class against the rest, over the classes that have both.
 * NaN when no class has both, or when a score is NaN.
 */
export const rocAuc: ClassMetric = {
  name: 'roc-auc',
  aliases: ['auc'],
  kind: 'classification',
  summary: 'area under the ROC curve, one class against the rest, averaged over classes',
  higherIsBetter: true,
  unit: 'fraction',
  inference: 'bootstrap',
  record: ({ truth, scores }) => {
    if (scores === undefined) return [truth, Number.NaN];
    if (scores.length === 2) return [truth, scores[1]! - scores[0]!];
    const row = new Float64Array(scores.length + 1);
    row[0] = truth;
    row.set(scores, 1);
    return row;
  },
  estimator(records) {
    if (records.width === 2) return areaOf(records, 1, 1);
    const areas = Array.from({ length: records.width - 1 }, (_, index) => areaOf(records, index, index + 1));
    return (weights) => {
      let sum = 0;
      let defined = 0;
      for (const area of areas) {
        const value = area(weights);
        if (Number.isNaN(value)) continue;
        sum += value;
        defined++;
      }
      return sum / defined;
    };
  },
};

/** Area under the curve of one class against the rest, its scores in one column of the records. */
function areaOf({ size, width, values }: Records, positive: number, column: number): Estimate {
  const scores = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    scores[i] = values[i * width + column]!;
    if (Number.isNaN(scores[i])) return () => Number.NaN;
  }
  const order = new Uint32Array(size);
  for (let i = 0; i < size; i++) order[i] = i;
  order.sort((a, b) => scores[a]! - scores[b]! || a - b);
  const isPositive = new Uint8Array(size);
  const endsTie = new Uint8Array(size);
  for (let at = 0; at < size; at++) {
    isPositive[at] = values[order[at]! * width] === positive ? 1 : 0;
    endsTie[at] = at === size - 1 || scores[order[at + 1]!] !== scores[order[at]!] ? 1 : 0;
  }

  return (weights) => {
    let positives = 0;
    let negatives = 0;
    let wins = 0;
    let tiedPositives = 0;
    let tiedNegatives = 0;
    for (let at = 0; at < size; at++) {
      const weight = weights === undefined ? 1 : weights[order[at]!]!;
      if (isPositive[at] === 1) tiedPositives += weight;
      else tiedNegatives += weight;
      if (endsTie[at] === 0) continue;
      wins += tiedPositives * (negatives + tiedNegatives / 2);
      positives += tiedPositives;
      negatives += tiedNegatives;
      tiedPositives = 0;
      tiedNegatives = 0;
    }
    return wins / (positives * negatives);
  };
}
