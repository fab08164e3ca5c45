import { bitsOf, isFloat } from '../../../src/ir/dtype.ts';
import { equalTensors, type Tensor, toNumbers } from '../../../src/ir/tensor.ts';

/** Largest difference over the largest magnitude of an output: sums in another order, through some ten layers. */
const TOLERANCE = 1e-4;
/** Of 16-bit floats, of which a unit in the last place of bfloat16 is 2^-7. */
const NARROW_TOLERANCE = 2 ** -6;
/** Below this an output is what is left of sums that cancel out; differences are then measured against it. */
const LEAST_SCALE = 1e-3;

/** In what two sets of outputs differ by more than the order of roundings explains; undefined where they agree. */
export function differenceOf(
  before: ReadonlyMap<string, Tensor>,
  after: ReadonlyMap<string, Tensor>,
): string | undefined {
  if ([...before.keys()].join() !== [...after.keys()].join())
    return `outputs are ${[...after.keys()].join()}, not ${[...before.keys()].join()}`;
  for (const [name, expected] of before) {
    const actual = after.get(name)!;
    const form = (tensor: Tensor): string => `${tensor.dtype}[${tensor.dims.join()}]`;
    if (form(expected) !== form(actual)) return `${name} is ${form(actual)}, not ${form(expected)}`;
    if (isFloat(expected.dtype)) {
      const distance = distanceOf(expected, actual);
      const limit = bitsOf(expected.dtype) <= 16 ? NARROW_TOLERANCE : TOLERANCE;
      if (!(distance <= limit)) return `${name} differs by ${distance.toExponential(2)} of its largest magnitude`;
    } else if (!equalTensors(expected, actual)) return `${name} differs`;
  }
  return undefined;
}

/** Largest difference over the largest magnitude; infinite where only one is NaN or infinite. */
function distanceOf(expected: Tensor, actual: Tensor): number {
  const [a, b] = [toNumbers(expected), toNumbers(actual)];
  let scale = LEAST_SCALE;
  let largest = 0;
  for (const [index, value] of a.entries()) {
    const other = b[index]!;
    if (Object.is(value, other)) {
      if (Number.isFinite(value)) scale = Math.max(scale, Math.abs(value));
      continue;
    }
    if (!Number.isFinite(value) || !Number.isFinite(other)) return Number.POSITIVE_INFINITY;
    scale = Math.max(scale, Math.abs(value));
    largest = Math.max(largest, Math.abs(value - other));
  }
  return largest / scale;
}
