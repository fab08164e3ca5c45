import type { ValueMetric } from './metric.ts';
import type { Records, Weights } from './records.ts';

/**
 * Coefficient of determination, 1 - SSE / SST: the share of the labels' variance that the predictions explain, 1 at
 * best, negative when the labels' mean would predict better. With several values the mean over them of each one's.
 * NaN where a value is the same in every sample, since then there is no variance to explain.
 */
export const rSquared: ValueMetric = {
  name: 'r2',
  kind: 'regression',
  summary: 'share of the variance of the labels that is explained (coefficient of determination)',
  higherIsBetter: true,
  unit: 'fraction',
  inference: 'bootstrap',
  record: ({ expected, actual }) => {
    const row = new Float64Array(2 * expected.length);
    for (let i = 0; i < expected.length; i++) {
      row[2 * i] = expected[i]!;
      row[2 * i + 1] = (actual[i]! - expected[i]!) ** 2;
    }
    return row;
  },
  estimator: (records) => (weights) => {
    let sum = 0;
    for (let column = 0; column < records.width; column += 2) sum += rSquaredOf(records, column, weights);
    return sum / (records.width / 2);
  },
};

/** Of one value: its labels in `column`, its squared errors in the next. Two passes, since one would cancel. */
function rSquaredOf({ size, width, values }: Records, column: number, weights: Weights | undefined): number {
  let total = 0;
  let sum = 0;
  for (let i = 0; i < size; i++) {
    const weight = weights === undefined ? 1 : weights[i]!;
    total += weight;
    sum += weight * values[i * width + column]!;
  }
  const mean = sum / total;
  let errors = 0;
  let spread = 0;
  for (let i = 0; i < size; i++) {
    const weight = weights === undefined ? 1 : weights[i]!;
    if (weight === 0) continue;
    spread += weight * (values[i * width + column]! - mean) ** 2;
    errors += weight * values[i * width + column + 1]!;
  }
  return spread === 0 ? Number.NaN : 1 - errors / spread;
}
