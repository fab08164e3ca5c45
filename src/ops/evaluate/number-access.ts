import { bitsOf, type DataType, isFloat, isInteger, kindOf } from '../../ir/dtype.ts';
import { decodeNarrowFloat, encodeNarrowFloat, isNarrowFloat } from '../../ir/float-formats.ts';
import { elements, type Tensor, tensorFromElements } from '../../ir/tensor.ts';
import { CannotEvaluate } from './kernel.ts';

/** Integers of 32 and 64 bits are computed on as bigints, so that products and sums wrap as the runtime's do. */
export function usesBigInt(dtype: DataType): boolean {
  return isInteger(dtype) && bitsOf(dtype) >= 32;
}

/** Elements as numbers, exact for every type that `usesBigInt` does not claim. Booleans are 0 and 1. */
export function numbersOf(tensor: Tensor): ArrayLike<number> {
  const array = readable(tensor);
  if (isNarrowFloat(tensor.dtype))
    return Float64Array.from(array as ArrayLike<number>, (bits) => decodeNarrowFloat(tensor.dtype, bits));
  if (array instanceof BigInt64Array || array instanceof BigUint64Array) return Float64Array.from(array, Number);
  return array as ArrayLike<number>;
}

/** Elements of an integer or boolean tensor as bigints. Damaged models mix types: floats are declined. */
export function bigIntsOf(tensor: Tensor): ArrayLike<bigint> {
  if (isFloat(tensor.dtype)) throw new CannotEvaluate(`integers out of ${tensor.dtype}`);
  const array = readable(tensor);
  if (array instanceof BigInt64Array || array instanceof BigUint64Array) return array;
  return Array.from(array as ArrayLike<number>, (value) => BigInt(value));
}

/** A tensor of `dtype` from numbers, rounded once: floats to nearest even, integers wrapped to their width. */
export function fromNumbers(dtype: DataType, dims: readonly number[], values: ArrayLike<number>): Tensor {
  const kind = kindOf(dtype);
  if (kind === 'string' || kind === 'complex') throw new CannotEvaluate(`no arithmetic on ${dtype}`);
  if (usesBigInt(dtype))
    return fromBigInts(
      dtype,
      dims,
      Array.from(values, (value) => BigInt(Math.trunc(value))),
    );
  const array = emptyArray(dtype, values.length);
  const narrow = isNarrowFloat(dtype);
  for (let i = 0; i < values.length; i++) {
    array[i] = narrow
      ? encodeNarrowFloat(dtype, values[i]!)
      : kind === 'bool'
        ? Number(values[i] !== 0)
        : wrap(dtype, values[i]!);
  }
  return tensorFromElements(dtype, dims, array);
}

/** A tensor of an integer type from bigints, wrapped to its width in two's complement. */
export function fromBigInts(dtype: DataType, dims: readonly number[], values: ArrayLike<bigint>): Tensor {
  const bits = bitsOf(dtype);
  const signed = kindOf(dtype) === 'int';
  if (bits === 64) {
    const array = signed ? new BigInt64Array(values.length) : new BigUint64Array(values.length);
    for (let i = 0; i < values.length; i++) array[i] = values[i]!;
    return tensorFromElements(dtype, dims, array);
  }
  const array = emptyArray(dtype, values.length);
  for (let i = 0; i < values.length; i++) {
    array[i] = Number(signed ? BigInt.asIntN(bits, values[i]!) : BigInt.asUintN(bits, values[i]!));
  }
  return tensorFromElements(dtype, dims, array);
}

function wrap(dtype: DataType, value: number): number {
  const bits = bitsOf(dtype);
  if (!isInteger(dtype) || bits >= 8) return value;
  const masked = Math.trunc(value) & (2 ** bits - 1);
  return kindOf(dtype) === 'int' && masked >= 2 ** (bits - 1) ? masked - 2 ** bits : masked;
}

function readable(tensor: Tensor): ReturnType<typeof elements> {
  const kind = kindOf(tensor.dtype);
  if (kind === 'string' || kind === 'complex') throw new CannotEvaluate(`no arithmetic on ${tensor.dtype}`);
  return elements(tensor);
}

function emptyArray(
  dtype: DataType,
  length: number,
): Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array {
  const bits = bitsOf(dtype);
  if (dtype === 'float32') return new Float32Array(length);
  if (dtype === 'float64') return new Float64Array(length);
  const signed = kindOf(dtype) === 'int';
  if (bits === 32) return signed ? new Int32Array(length) : new Uint32Array(length);
  if (bits === 16) return signed ? new Int16Array(length) : new Uint16Array(length);
  return signed ? new Int8Array(length) : new Uint8Array(length);
}
