import type { ByteSource, Chunk } from '../bytes/byte-source.ts';
import { equalChunks } from '../bytes/chunk-content.ts';
import { equalBytes } from '../bytes/equal-bytes.ts';
import { bitsOf, type DataType, kindOf, packedByteLength } from './dtype.ts';
import type { Extra } from './extra.ts';
import { decodeNarrowFloat, encodeNarrowFloat, isNarrowFloat } from './float-formats.ts';

/**
 * Where a tensor's elements are: packed little-endian bytes (possibly a view onto the model file), a range of a source
 * that has not been read, or strings as the bytes that the file gave.
 */
export type TensorStorage =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'slice'; readonly source: ByteSource; readonly offset: number; readonly length: number }
  | { readonly kind: 'strings'; readonly values: readonly Uint8Array[] };

/** An immutable dense tensor. `dims` is empty for a scalar; elements are in row-major order. */
export interface Tensor {
  readonly dtype: DataType;
  readonly dims: readonly number[];
  readonly storage: TensorStorage;
  /** The name that a tensor inside an attribute carries in its file; that of an initializer is its value's. */
  readonly name?: string;
  readonly extra?: Extra;
}

/** A sparse tensor in coordinate form: `values` [NNZ], `indices` [NNZ] (linear) or [NNZ, rank]. */
export interface SparseTensor {
  readonly dims: readonly number[];
  readonly values: Tensor;
  readonly indices: Tensor;
  readonly extra?: Extra;
}

/** The typed arrays that hold elements: native types as they are, narrow floats and complex numbers as their parts. */
export type ElementArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

const ARRAY_TYPES = {
  float32: Float32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
  float16: Uint16Array,
  float64: Float64Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  complex64: Float32Array,
  complex128: Float64Array,
  bfloat16: Uint16Array,
  float8e4m3fn: Uint8Array,
  float8e4m3fnuz: Uint8Array,
  float8e5m2: Uint8Array,
  float8e5m2fnuz: Uint8Array,
  uint4: Uint8Array,
  int4: Int8Array,
  float4e2m1: Uint8Array,
  float8e8m0: Uint8Array,
  uint2: Uint8Array,
  int2: Int8Array,
} as const;

/** Number of elements of a tensor with these dimensions; 1 for a scalar. */
export function elementCount(dims: readonly number[]): number {
  let count = 1;
  for (const dim of dims) count *= dim;
  return count;
}

/** Size of a tensor's elements in bytes, packed; for strings the sum of their lengths. */
export function tensorByteLength(tensor: Tensor): number {
  if (tensor.storage.kind !== 'strings') return packedByteLength(tensor.dtype, elementCount(tensor.dims));
  let total = 0;
  for (const value of tensor.storage.values) total += value.byteLength;
  return total;
}

/**
 * A tensor over packed little-endian bytes, which it shares.
 *
 * @throws RangeError when the bytes are not as many as the dimensions and the type ask for.
 */
export function tensorFromBytes(dtype: DataType, dims: readonly number[], bytes: Uint8Array): Tensor {
  const expected = packedByteLength(dtype, elementCount(dims));
  if (kindOf(dtype) === 'string' || bytes.byteLength !== expected) {
    throw new RangeError(`${dtype}[${dims.join(',')}] takes ${expected} bytes, got ${bytes.byteLength}`);
  }
  return { dtype, dims, storage: { kind: 'bytes', bytes } };
}

/** A tensor of strings, from text or from bytes as a file gave them. */
export function stringTensor(dims: readonly number[], values: readonly (string | Uint8Array)[]): Tensor {
  if (values.length !== elementCount(dims)) {
    throw new RangeError(`string[${dims.join(',')}] takes ${elementCount(dims)} values, got ${values.length}`);
  }
  const encoder = new TextEncoder();
  return {
    dtype: 'string',
    dims,
    storage: {
      kind: 'strings',
      values: values.map((value) => (typeof value === 'string' ? encoder.encode(value) : value)),
    },
  };
}

/**
 * A tensor over the elements of a typed array that fits `dtype` (see `elements`), sharing its memory unless elements
 * are narrower than a byte and must be packed.
 */
export function tensorFromElements(dtype: DataType, dims: readonly number[], values: ElementArray): Tensor {
  const bits = bitsOf(dtype);
  if (bits < 8) return tensorFromBytes(dtype, dims, packNarrow(values as Uint8Array | Int8Array, bits));
  return tensorFromBytes(dtype, dims, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

/**
 * A tensor of `dtype` from plain numbers: integers are taken as they are, floats rounded to the nearest value of the
 * type.
 *
 * @throws RangeError on an integer that the type cannot hold.
 */
export function tensorFromNumbers(
  dtype: DataType,
  dims: readonly number[],
  values: ArrayLike<number | bigint>,
): Tensor {
  // Rounded as a whole: weights have millions of elements.
  if (dtype === 'float32' && values instanceof Float64Array) {
    return tensorFromElements(dtype, dims, new Float32Array(values));
  }
  const array = new (arrayType(dtype))(values.length * (kindOf(dtype) === 'complex' ? 2 : 1));
  const narrow = isNarrowFloat(dtype);
  const integer = kindOf(dtype) === 'int' || kindOf(dtype) === 'uint';
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (array instanceof BigInt64Array || array instanceof BigUint64Array) array[i] = BigInt(value);
    else array[i] = narrow ? encodeNarrowFloat(dtype, Number(value)) : Number(value);
    if (integer && (Number(array[i]) !== Number(value) || outOfRange(dtype, Number(value)))) {
      throw new RangeError(`${value} does not fit ${dtype}`);
    }
  }
  return tensorFromElements(dtype, dims, array);
}

/** A scalar (rank 0) of `dtype`. */
export function scalarTensor(dtype: DataType, value: number | bigint): Tensor {
  return tensorFromNumbers(dtype, [], [value]);
}

/** A rank-1 int64 tensor: a shape, axes, pads. */
export function int64Tensor(values: readonly (number | bigint)[]): Tensor {
  return tensorFromNumbers('int64', [values.length], values);
}

/** The packed little-endian bytes of a tensor, read from its source where they have not been yet. Not to be written to. */
export function tensorBytes(tensor: Tensor): Uint8Array {
  const { storage } = tensor;
  switch (storage.kind) {
    case 'bytes':
      return storage.bytes;
    case 'slice':
      return storage.source.read(storage.offset, storage.length);
    case 'strings':
      throw new TypeError('a string tensor has no packed bytes');
  }
}

/** The packed bytes of a tensor as they are stored, read or not; undefined for strings. */
export function tensorChunk({ storage }: Tensor): Chunk | undefined {
  if (storage.kind === 'strings') return undefined;
  return storage.kind === 'bytes' ? storage.bytes : storage;
}

/**
 * The elements as a typed array: the native one where JavaScript has it, bit patterns for the narrow floats (see
 * `toFloats`), one entry per element for the 2- and 4-bit types, real and imaginary parts in turn for complex ones.
 * A view where the alignment allows, so not to be written to.
 */
export function elements(tensor: Tensor): ElementArray {
  const bytes = tensorBytes(tensor);
  const bits = bitsOf(tensor.dtype);
  const ArrayType = arrayType(tensor.dtype);
  if (bits < 8) return unpackNarrow(bytes, bits, elementCount(tensor.dims), ArrayType === Int8Array);
  const aligned = bytes.byteOffset % ArrayType.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  return new ArrayType(
    aligned.buffer as ArrayBuffer,
    aligned.byteOffset,
    aligned.byteLength / ArrayType.BYTES_PER_ELEMENT,
  );
}

/** The elements as 32-bit floats: exact for every float type up to 32 bits and for integers up to 24 bits. */
export function toFloat32(tensor: Tensor): Float32Array {
  const array = elements(tensor);
  if (array instanceof Float32Array) return array;
  if (!isNarrowFloat(tensor.dtype)) return Float32Array.from(array as ArrayLike<number | bigint>, Number);
  return Float32Array.from(array as Uint8Array | Uint16Array, (bits) => decodeNarrowFloat(tensor.dtype, bits));
}

/** The elements as plain numbers; 64-bit integers beyond 2^53 lose their low bits. Meant for small tensors. */
export function toNumbers(tensor: Tensor): number[] {
  const array = elements(tensor);
  if (isNarrowFloat(tensor.dtype))
    return Array.from(array as Uint8Array, (bits) => decodeNarrowFloat(tensor.dtype, bits));
  return Array.from(array as ArrayLike<number | bigint>, Number);
}

/** The strings of a string tensor as text; bytes that are not UTF-8 become U+FFFD. */
export function toStrings(tensor: Tensor): string[] {
  if (tensor.storage.kind !== 'strings') throw new TypeError(`${tensor.dtype} is not a string tensor`);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return tensor.storage.values.map((value) => decoder.decode(value));
}

/** Whether two tensors have the same type, dimensions and bits. */
export function equalTensors(a: Tensor, b: Tensor): boolean {
  if (a === b) return true;
  if (a.dtype !== b.dtype || a.dims.length !== b.dims.length) return false;
  if (!a.dims.every((dim, i) => dim === b.dims[i])) return false;
  if (a.storage.kind === 'strings' || b.storage.kind === 'strings') {
    if (a.storage.kind !== 'strings' || b.storage.kind !== 'strings') return false;
    const other = b.storage.values;
    return a.storage.values.every((value, i) => equalBytes(value, other[i]!));
  }
  return equalChunks(tensorChunk(a)!, tensorChunk(b)!);
}

function arrayType(dtype: DataType): (typeof ARRAY_TYPES)[keyof typeof ARRAY_TYPES] {
  if (dtype === 'string') throw new TypeError('a string tensor has no typed array');
  return ARRAY_TYPES[dtype];
}

function outOfRange(dtype: DataType, value: number): boolean {
  const bits = bitsOf(dtype);
  const signed = kindOf(dtype) === 'int';
  return (
    value < (signed ? -(2 ** (bits - 1)) : 0) || value > 2 ** (signed ? bits - 1 : bits) - 1 + (bits === 64 ? 1 : 0)
  );
}

/** Packs elements of 2 or 4 bits, the first in the lowest bits of a byte, as ONNX's raw_data does. */
function packNarrow(values: Uint8Array | Int8Array, bits: number): Uint8Array {
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  const packed = new Uint8Array(Math.ceil(values.length / perByte));
  for (let i = 0; i < values.length; i++) {
    const at = Math.floor(i / perByte);
    packed[at] = packed[at]! | ((values[i]! & mask) << (bits * (i % perByte)));
  }
  return packed;
}

function unpackNarrow(bytes: Uint8Array, bits: number, count: number, signed: boolean): Uint8Array | Int8Array {
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  const half = 2 ** (bits - 1);
  const out = signed ? new Int8Array(count) : new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const value = (bytes[Math.floor(i / perByte)]! >> (bits * (i % perByte))) & mask;
    out[i] = signed && value >= half ? value - 2 ** bits : value;
  }
  return out;
}
