import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { type DataType, isFloat } from '../../ir/dtype.ts';
import { elementCount, elements, type Tensor, toFloat32 } from '../../ir/tensor.ts';
import type { NamedTensor } from '../weight-summary.ts';
import { findingOn, plural } from './finding.ts';

/** The smallest magnitude of a normal number; what lies between it and 0 is slow on many processors. */
const SMALLEST_NORMAL: Readonly<Partial<Record<DataType, number>>> = {
  float64: 2 ** -1022,
  float32: 2 ** -126,
  bfloat16: 2 ** -126,
  float16: 2 ** -14,
};

interface OddValues {
  readonly nan: number;
  readonly infinite: number;
  readonly denormal: number;
}

/** NaN, infinities and denormal numbers among the weights. */
export function findOddValues(tensors: readonly NamedTensor[]): Diagnostic[] {
  const nan: string[] = [];
  const infinite: string[] = [];
  const denormal: string[] = [];
  for (const { name, tensor } of tensors) {
    if (!isFloat(tensor.dtype)) continue;
    const odd = countOddValues(tensor);
    const of = (count: number): string => `'${name}': ${count} of ${elementCount(tensor.dims)}`;
    if (odd.nan > 0) nan.push(of(odd.nan));
    if (odd.infinite > 0) infinite.push(of(odd.infinite));
    if (odd.denormal > 0) denormal.push(of(odd.denormal));
  }
  return [
    ...findingOn(nan, () => ({
      code: 'inspect-weights-nan',
      severity: 'warning',
      message: `NaN in ${plural(nan.length, 'weight tensor')}: it spreads to whatever reads it`,
      hint: 'Export the model from a checkpoint whose training did not diverge.',
    })),
    ...findingOn(infinite, () => ({
      code: 'inspect-weights-infinite',
      severity: 'note',
      message: `infinities in ${plural(infinite.length, 'weight tensor')}: masks have them on purpose, layers do not`,
    })),
    ...findingOn(denormal, () => ({
      code: 'inspect-weights-denormal',
      severity: 'note',
      message: `denormal numbers in ${plural(denormal.length, 'weight tensor')}: many processors multiply them slowly`,
      hint: 'They are as good as 0, which quantization makes of them.',
    })),
  ];
}

function countOddValues(tensor: Tensor): OddValues {
  const values = tensor.dtype === 'float64' ? (elements(tensor) as Float64Array) : toFloat32(tensor);
  const smallest = SMALLEST_NORMAL[tensor.dtype] ?? 0;
  let nan = 0;
  let infinite = 0;
  let denormal = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const magnitude = value < 0 ? -value : value;
    // Nearly all values are normal numbers, and one comparison tells.
    if (magnitude >= smallest && magnitude < Number.POSITIVE_INFINITY) continue;
    if (Number.isNaN(value)) nan++;
    else if (magnitude === Number.POSITIVE_INFINITY) infinite++;
    else if (magnitude !== 0) denormal++;
  }
  return { nan, infinite, denormal };
}
