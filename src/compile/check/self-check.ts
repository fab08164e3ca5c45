import type { Dataset } from '../../data/dataset.ts';
import { ModelpressError } from '../../diagnostics/modelpress-error.ts';
import { bitsOf, isFloat, isInteger } from '../../ir/dtype.ts';
import type { Port, Session } from '../../runtime/session.ts';
import { evaluate } from '../../validate/evaluate.ts';
import type { CandidateResult } from '../../validate/evaluation.ts';

/** Samples that a check runs: a wrong rewrite shows on the first, the others are for data-dependent paths. */
const CHECK_SAMPLES = 3;

/**
 * Largest difference that passes, relative to the largest magnitude of the output. Reordered float32 sums of deep
 * networks differ by up to about 1e-4 of it; wrong rewrites differ by far more.
 */
const TOLERANCE = 1e-3;

/** How the check of an optimized graph against its source ended. */
export type SelfCheck =
  | { readonly kind: 'agrees' }
  | { readonly kind: 'differs'; readonly output: string; readonly detail: string }
  /** The source itself does not run on the inputs there are. */
  | { readonly kind: 'not-possible'; readonly reason: string };

/**
 * Runs an optimized graph beside its source, without the runtime's own optimization, and compares the outputs:
 * NaN-aware, relative to each output's scale; 8- and 16-bit integer outputs may be one step apart, others must be equal.
 */
export async function selfCheck(source: Session, optimized: Session, dataset: Dataset): Promise<SelfCheck> {
  const floatMetric = 'max-relative-error';
  const stepMetric = 'max-abs-error';
  const equalMetric = 'equal';
  let candidate: CandidateResult | undefined;
  try {
    await source.run((await dataset.sample(0)).feed);
  } catch (error) {
    return { kind: 'not-possible', reason: messageOf(error) };
  }
  try {
    const contender = { name: 'optimized', session: optimized };
    const numbers = source.outputs.some((port) => isNumber(port.dtype));
    const metrics = numbers ? [floatMetric, stepMetric] : [equalMetric];
    const options = { metrics, limit: CHECK_SAMPLES, resamples: 1 };
    [candidate] = (await evaluate({ name: 'source', session: source }, [contender], dataset, options)).candidates;
  } catch (error) {
    return { kind: 'differs', output: '', detail: messageOf(error) };
  }
  const [failure] = candidate?.failures.first ?? [];
  if (failure !== undefined) return { kind: 'differs', output: failure.output, detail: failure.detail };
  for (const { output, metrics } of candidate?.agreement ?? []) {
    const dtype = source.outputs.find((port) => port.name === output)?.dtype;
    const stepped = dtype !== undefined && dtype !== 'non-tensor' && isInteger(dtype) && bitsOf(dtype) <= 16;
    const metric = stepped ? stepMetric : floatMetric;
    const limit = stepped ? 1 : TOLERANCE;
    const value = metrics.find((measured) => measured.metric === metric)?.value;
    const equal = metrics.find((measured) => measured.metric === equalMetric)?.value ?? 1;
    if (equal !== 1) return { kind: 'differs', output, detail: `${equalMetric} is ${equal}` };
    if (value !== undefined && value !== null && value > limit) {
      return { kind: 'differs', output, detail: `${metric} is ${value.toPrecision(3)}, over ${limit}` };
    }
  }
  return { kind: 'agrees' };
}

/** Outputs that are compared by how far apart they are; wider integers, truth values and texts must be equal. */
function isNumber(dtype: Port['dtype']): boolean {
  return dtype !== 'non-tensor' && (isFloat(dtype) || (isInteger(dtype) && bitsOf(dtype) <= 16));
}

function messageOf(error: unknown): string {
  if (error instanceof ModelpressError) return error.message;
  throw error;
}
