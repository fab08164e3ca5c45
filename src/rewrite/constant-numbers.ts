import { isFloat, isInteger, kindOf } from '../ir/dtype.ts';
import { isNarrowFloat } from '../ir/float-formats.ts';
import type { Node } from '../ir/node.ts';
import { elementCount, elements, type Tensor, tensorFromNumbers, toFloat32, toNumbers } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { normalizeAxes } from '../ops/infer/axis.ts';

/** The elements as doubles; exact for every float type. */
export function toFloat64(tensor: Tensor): Float64Array {
  if (isNarrowFloat(tensor.dtype)) return Float64Array.from(toNumbers(tensor));
  const array = elements(tensor);
  if (array instanceof BigInt64Array || array instanceof BigUint64Array) return Float64Array.from(array, Number);
  return new Float64Array(array);
}

/** A float tensor like `like` in type and dimensions, each element rounded once from a double. */
export function roundedLike(like: Tensor, values: Float64Array): Tensor {
  return tensorFromNumbers(like.dtype, like.dims, values);
}

/** Whether every element of a float tensor is finite. */
export function allFinite(tensor: Tensor): boolean {
  const array = tensor.dtype === 'float32' ? toFloat32(tensor) : toFloat64(tensor);
  for (let i = 0; i < array.length; i++) if (!Number.isFinite(array[i]!)) return false;
  return true;
}

/**
 * The integers of a constant (a shape, axes, pads), or `undefined` where the value is absent or not constant. No operator
 * takes them in uint64, of which int64 does not hold all.
 */
export function constantIntegers(value: Value | undefined): readonly number[] | undefined {
  const tensor = value?.constant;
  if (tensor === undefined || tensor.dtype === 'uint64') return undefined;
  return isInteger(tensor.dtype) || tensor.dtype === 'bool' ? toNumbers(tensor) : undefined;
}

/** The only element of a real or boolean constant with one element. */
export function constantScalar(value: Value | undefined): number | undefined {
  const tensor = value?.constant;
  const kind = tensor && kindOf(tensor.dtype);
  if (tensor === undefined || kind === 'string' || kind === 'complex' || elementCount(tensor.dims) !== 1)
    return undefined;
  return toNumbers(tensor)[0];
}

/** The only element of an integer or boolean constant with one element: a place, a number of times. */
export function constantInteger(value: Value | undefined): number | undefined {
  return value?.constant !== undefined && isFloat(value.constant.dtype) ? undefined : constantScalar(value);
}

/**
 * Integers that older opsets hold in an attribute and newer ones in an operand. `absent` where the node gives neither,
 * `unknown` where the operand is not constant.
 */
export function integersOf(node: Node, attribute: string, operand: number): readonly number[] | 'absent' | 'unknown' {
  const held = node.attributes.get(attribute);
  if (held?.kind === 'ints') return held.value.map(Number);
  if (held !== undefined) return 'unknown';
  const value = node.inputs[operand];
  return value === undefined ? 'absent' : (constantIntegers(value) ?? 'unknown');
}

/** Axes as non-negative numbers in ascending order; none where one lies outside or stands twice, as in damaged files. */
export function normalizedAxes(axes: readonly number[], rank: number): readonly number[] | undefined {
  return normalizeAxes(axes, rank)?.toSorted((a, b) => a - b);
}
