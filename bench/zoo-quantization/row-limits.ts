import type { QuantizationRow } from './quantization-row.ts';

/** Largest loss of accuracy of a classifier, as a share of the samples. */
const MAX_DROP = 0.01;
/** Largest share of its size that a model with enough floating-point weights may keep. */
const MAX_SIZE_RATIO = 0.3;
/** Weights from which a file shrinks by what int8 saves; below, names and structure weigh as much. */
const WEIGHT_BYTES = 100_000;
/** Least share of a convolutional net's multiply-accumulates that must run in integer kernels. */
const MIN_COVERAGE = 0.95;

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

/** How a row misses what modelpress sets itself as a limit at default settings; empty where it does not. */
export function brokenLimits(row: QuantizationRow): readonly string[] {
  const broken: string[] = [];
  for (const { name, drop, sizeRatio, coverage } of row.targets) {
    if (row.unit === 'fraction' && drop.value !== null && drop.value > MAX_DROP) {
      const interval = drop.low === null || drop.high === null ? '' : ` [${percent(drop.low)}, ${percent(drop.high)}]`;
      broken.push(
        `${name}: ${row.metric} drops by ${percent(drop.value)}${interval} on ${row.validationSamples} samples`,
      );
    }
    if (row.skipped !== null) continue;
    if (row.source.floatWeightBytes > WEIGHT_BYTES && sizeRatio > MAX_SIZE_RATIO && name === 'server')
      broken.push(`${name}: ${sizeRatio.toFixed(3)} of its size`);
    if (row.source.convolutional && (coverage ?? 0) < MIN_COVERAGE && name === 'server')
      broken.push(`${name}: ${percent(coverage ?? 0)} of its multiply-accumulates in int8`);
  }
  return broken;
}
