import { intOf } from '../ir/attribute.ts';
import { type DataType, isFloat } from '../ir/dtype.ts';
import type { Node } from '../ir/node.ts';
import { elementCount, type Tensor, tensorFromNumbers } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { dtypeOf, shapeOf } from '../ir/value-type.ts';
import { constantScalar, integersOf, normalizedAxes, roundedLike, toFloat64 } from './constant-numbers.ts';
import type { ConstantValue } from './pattern.ts';

/**
 * Most elements of a scale of ones that is made where a normalization has none of its own: 64 KiB of float32, which is
 * more than any hidden size and less than an image.
 */
const MOST_ONES = 16_384;

/** What a normalization that is written out runs over. */
export interface NormalizedPart {
  readonly dtype: DataType;
  readonly rank: number;
  /** The first normalized axis; all after it are normalized too. */
  readonly axis: number;
  /** Sizes of the normalized axes. */
  readonly dims: readonly number[];
  readonly epsilon: number;
}

/** The axes of a reduction of `x` that keeps its dimensions, from the front and in order, or why they are not known. */
export function keptAxes(reduction: Node, x: Value): readonly number[] | string {
  const rank = shapeOf(x.type)?.length;
  if (rank === undefined) return 'the rank is not proven';
  if ((intOf(reduction, 'keepdims') ?? 1) !== 1) return 'the reduction does not keep its axes';
  const given = integersOf(reduction, 'axes', 1);
  if (given === 'unknown') return 'the axes are not constant';
  const none = given === 'absent' || given.length === 0;
  if (none && intOf(reduction, 'noop_with_empty_axes') === 1) return 'nothing is reduced';
  if (none) return Array.from({ length: rank }, (_, axis) => axis);
  return normalizedAxes(given, rank) ?? 'there are no such axes';
}

/** What the reductions of a normalization of `x` over its last axes say, or why it is no such normalization. */
export function normalizedPart(x: Value, reductions: readonly Node[], epsilon: ConstantValue): NormalizedPart | string {
  const dtype = dtypeOf(x.type);
  if (dtype !== 'float32' && dtype !== 'float16') return 'the element type is not proven to be one that is normalized';
  const shape = shapeOf(x.type);
  const axes = reductions.map((reduction) => keptAxes(reduction, x));
  const wrong = axes.find((one) => typeof one === 'string');
  if (typeof wrong === 'string') return wrong;
  const [first] = axes as readonly (readonly number[])[];
  if (first === undefined || shape === undefined || axes.some((one) => String(one) !== String(first)))
    return 'the reductions run over different axes';
  const rank = shape.length;
  const axis = rank - first.length;
  if (first.length === 0 || first.some((one, index) => one !== axis + index)) return 'the axes are not the last ones';
  const dims = shape.slice(axis);
  if (!dims.every((dim) => typeof dim === 'number' && dim > 0)) return 'the normalized sizes are not known';
  if (elementCount(dims as number[]) > MOST_ONES) return 'a scale of ones would be large';
  const number = smallNumber(epsilon, rank);
  if (number === undefined) return 'the epsilon is not one small number';
  return { dtype, rank, axis, dims: dims as number[], epsilon: number };
}

/** The one number of a constant that does not add axes, where it can be the epsilon of a normalization. */
export function smallNumber(epsilon: ConstantValue, rank: number): number | undefined {
  const number = constantScalar(epsilon);
  if (number === undefined || epsilon.constant.dims.length > rank) return undefined;
  return number >= 0 && number < 1 ? number : undefined;
}

/** A float constant of one element that is `number`, rounded to its type or to the five digits that people write. */
export function isNumber(number: number): (tensor: Tensor) => boolean {
  return (tensor) => {
    if (!isFloat(tensor.dtype) || elementCount(tensor.dims) !== 1) return false;
    const tolerance = tensor.dtype === 'float16' ? 2 ** -11 : 2 ** -16;
    return Math.abs(toFloat64(tensor)[0]! - number) <= Math.abs(number) * tolerance;
  };
}

/** A constant of one element that is exactly `number`, of any number type. */
export function isExactly(number: number): (tensor: Tensor) => boolean {
  return (tensor) => tensor.dtype !== 'string' && elementCount(tensor.dims) === 1 && toFloat64(tensor)[0] === number;
}

/** A tensor of these dimensions with `number` everywhere. */
export function filled(dtype: DataType, dims: readonly number[], number: number): Tensor {
  return tensorFromNumbers(dtype, dims, new Array<number>(elementCount(dims)).fill(number));
}

/**
 * A constant that is broadcast against the last axes of a result of `rank`, spread over exactly these axes, or why it
 * is none of that.
 */
export function spreadOver(constant: Tensor, dims: readonly number[], rank: number): Float64Array | string {
  if (constant.dims.length > rank) return 'the constant adds axes';
  const numbers = toFloat64(constant);
  if (numbers.length === 1) return new Float64Array(elementCount(dims)).fill(numbers[0]!);
  const leading = constant.dims.length - dims.length;
  const fits =
    leading >= 0 && constant.dims.every((dim, index) => dim === (index < leading ? 1 : dims[index - leading]));
  return fits ? numbers : 'the constant does not lie along the normalized axes';
}

/** The elements of two tensors of one form joined by `join`, each rounded once, or why the result is not finite. */
export function combined(tensor: Tensor, other: Float64Array, join: (a: number, b: number) => number): Tensor | string {
  const joined = roundedLike(
    tensor,
    toFloat64(tensor).map((number, index) => join(number, other[index]!)),
  );
  return toFloat64(joined).every(Number.isFinite) ? joined : 'a weight would not be finite';
}
