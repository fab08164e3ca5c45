import { meanOf } from './estimators.ts';
import type { AgreementMetric } from './metric.ts';

/**
 * Cosine of the angle between the output and the reference's, as vectors, averaged over samples: 1 when they point the
 * same way, whatever their lengths. Two zero vectors agree (1), one zero vector does not (0). Elements that are not
 * finite in the reference are left out; a NaN or infinity elsewhere gives NaN.
 */
export const cosine: AgreementMetric = {
  name: 'cosine',
  aliases: ['cosine-similarity'],
  kind: 'agreement',
  summary: 'cosine similarity to the reference output, averaged over samples',
  higherIsBetter: true,
  unit: 'fraction',
  inference: 'bootstrap',
  perfect: 1,
  record: ({ expected, actual }) => [cosineOf(expected, actual)],
  estimator: meanOf,
};

function cosineOf(expected: ArrayLike<number>, actual: ArrayLike<number>): number {
  const expectedScale = scaleOf(expected, expected);
  const actualScale = scaleOf(actual, expected);
  if (!Number.isFinite(actualScale)) return Number.NaN;
  if (expectedScale === 0 || actualScale === 0) return expectedScale === actualScale ? 1 : 0;
  let dot = 0;
  let expectedSquares = 0;
  let actualSquares = 0;
  for (let i = 0; i < expected.length; i++) {
    if (!Number.isFinite(expected[i])) continue;
    const e = expected[i]! / expectedScale;
    const a = actual[i]! / actualScale;
    dot += e * a;
    expectedSquares += e * e;
    actualSquares += a * a;
  }
  return Math.max(-1, Math.min(1, dot / (Math.sqrt(expectedSquares) * Math.sqrt(actualSquares))));
}

/** The largest magnitude where the reference is finite: dividing by it keeps the squares from overflowing. */
function scaleOf(values: ArrayLike<number>, reference: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(reference[i])) largest = Math.max(largest, Math.abs(values[i]!));
  }
  return largest;
}
