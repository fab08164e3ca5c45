import type { ModelKind } from './model-kind.ts';

/** Largest share of its size that a model with enough floating-point weights may keep. */
const MAX_SIZE_RATIO = 0.3;
/** Floating-point weights from which a file shrinks by what int8 saves; below, names and structure weigh as much. */
const WEIGHT_BYTES = 100_000;
/** Least share of a convolutional net's multiply-accumulates that must run in integer kernels. */
const MIN_COVERAGE = 0.95;

/** How an int8 model misses what modelpress sets itself as limits of size and coverage; empty where it does not. */
export function brokenSizeAndCoverage(
  kind: Pick<ModelKind, 'floatWeightBytes' | 'convolutional'>,
  { sizeRatio, coverage }: { readonly sizeRatio: number | null; readonly coverage: number | null },
): readonly string[] {
  const broken: string[] = [];
  if (kind.floatWeightBytes > WEIGHT_BYTES && sizeRatio !== null && sizeRatio > MAX_SIZE_RATIO)
    broken.push(`${sizeRatio.toFixed(3)} of its size`);
  if (kind.convolutional && (coverage ?? 0) < MIN_COVERAGE)
    broken.push(`${(100 * (coverage ?? 0)).toFixed(1)}% of its multiply-accumulates in int8`);
  return broken;
}
