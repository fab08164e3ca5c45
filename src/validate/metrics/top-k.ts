import { meanOf } from './estimators.ts';
import type { ClassMetric } from './metric.ts';

/** Share of samples whose predicted class is the right one. */
export const top1: ClassMetric = {
  name: 'top1',
  aliases: ['accuracy', 'acc', 'top-1'],
  kind: 'classification',
  summary: 'share of samples whose predicted class is the right one',
  higherIsBetter: true,
  unit: 'fraction',
  inference: 'proportion',
  record: ({ truth, predicted }) => [predicted === truth ? 1 : 0],
  estimator: meanOf,
};

/**
 * Share of samples whose right class is among the `k` highest scores. Of equal scores the lower class index counts as
 * the higher, as argmax has it. A sample with NaN scores is wrong; one without scores gives NaN.
 */
export function topK(k: number): ClassMetric {
  if (k === 1) return top1;
  return {
    ...top1,
    name: `top${k}`,
    aliases: [`top-${k}`],
    summary: `share of samples whose right class is among the ${k} highest scores`,
    record: ({ truth, predicted, scores }) => {
      if (scores === undefined) return [Number.NaN];
      return [predicted >= 0 && rankOf(scores, truth) < k ? 1 : 0];
    },
  };
}

/** How many classes score above `index`; of equal scores the lower index is above. */
function rankOf(scores: ArrayLike<number>, index: number): number {
  const own = scores[index]!;
  let above = 0;
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    if (score > own || (score === own && i < index)) above++;
  }
  return above;
}

/** Index of the largest number, the first of equals; -1 when one is NaN or there are none. */
export function indexOfLargest(values: ArrayLike<number>, from = 0, to: number = values.length): number {
  let best = -1;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) return -1;
    if (best < 0 || value > values[best]!) best = i;
  }
  return best < 0 ? -1 : best - from;
}
