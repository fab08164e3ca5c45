import type { Variant } from '../../src/report/report-schema.ts';
import type { QuantizationRow } from './quantization-row.ts';

/** An artifact of a report as a row holds it. */
export function targetResult(
  { name, target, precision, accuracy, size, coverage }: Variant,
  source: NonNullable<Variant['size']>,
): QuantizationRow['targets'][number] {
  if (accuracy === null || size === null) throw new RangeError(`${name}: the report has no accuracy or no size`);
  return {
    name,
    target,
    precision,
    accuracy: accuracy.value,
    drop: accuracy.drop ?? { value: null, low: null, high: null },
    mcnemarP: accuracy.mcnemarP,
    sqnr: accuracy.sqnr,
    sizeRatio: size.raw / source.raw,
    brotliRatio: size.brotli / source.brotli,
    coverage: coverage?.share ?? null,
  };
}
