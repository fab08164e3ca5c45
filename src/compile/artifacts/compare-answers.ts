import { bitsOf, isInteger } from '../../ir/dtype.ts';
import type { OutputValue } from '../../runtime/session.ts';
import { maxRelativeError } from '../../validate/metrics/max-deviation.ts';
import { compareOutputs } from '../../validate/scoring/compare-outputs.ts';
import { outputContents } from '../../validate/scoring/output-content.ts';

/**
 * What keeps the answer of an artifact from being that of its model: the first output that is missing, or differs by more
 * than `tolerance`, relative to the largest magnitude in it; integers of up to 16 bits may also be one step apart, as
 * a rounding may go either way. Undefined where they agree. Outputs that are no tensors are not compared.
 */
export function answerDifference(
  expected: ReadonlyMap<string, OutputValue>,
  answered: ReadonlyMap<string, OutputValue>,
  tolerance: number,
): { readonly output: string; readonly detail: string } | undefined {
  const found = outputContents(answered);
  for (const [output, own] of outputContents(expected)) {
    const { outcome, failure } = compareOutputs(own, found.get(output));
    const [error = 0, magnitude = 0] = maxRelativeError.record(outcome) as readonly number[];
    if (failure === undefined && error <= Math.max(tolerance * magnitude, stepOf(expected.get(output)!))) continue;
    return { output, detail: failure?.detail ?? `it differs by ${error}` };
  }
  return undefined;
}

/** How far apart two roundings of the same number may be. */
function stepOf(value: OutputValue): number {
  return !('kind' in value) && isInteger(value.dtype) && bitsOf(value.dtype) <= 16 ? 1 : 0;
}
