import { bitsOf } from '../../../ir/dtype.ts';
import { elementCount, tensorBytes } from '../../../ir/tensor.ts';
import { type AxisOrder, moveElements } from '../../nhwc/layout/permutation.ts';
import type { StoredIntegers } from '../../nhwc/stored-integers.ts';
import type { TfIntegers } from '../tflite/tf-graph.ts';

/** The integers of a constant that is taken as of shape `dims` with its axes in another order; none where it has none. */
export function movedIntegers(
  stored: StoredIntegers | undefined,
  dims: readonly number[],
  order: AxisOrder,
): TfIntegers | undefined {
  if (stored === undefined) return undefined;
  const { integers, scales, zeroPoints, axis } = stored;
  const { dtype } = integers;
  if (dtype !== 'int8' && dtype !== 'uint8' && dtype !== 'int32') return undefined;
  const at = scales.length === 1 ? 0 : placeOfAxis(integers.dims, axis, dims);
  if (at === undefined) return undefined;
  const data = moveElements(tensorBytes(integers), dims, order, bitsOf(dtype) / 8);
  const place = scales.length === 1 ? 0 : order.indexOf(at);
  return { type: dtype, data, quantization: { scales, zeroPoints, axis: place } };
}

/** Where an axis of a shape is in the same elements with axes of size 1 added or left out. */
function placeOfAxis(from: readonly number[], axis: number, to: readonly number[]): number | undefined {
  const before = elementCount(from.slice(0, axis));
  const place = to.findIndex((dim, k) => dim === from[axis] && elementCount(to.slice(0, k)) === before);
  return place < 0 ? undefined : place;
}
