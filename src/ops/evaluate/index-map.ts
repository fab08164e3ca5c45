import { bitsOf } from '../../ir/dtype.ts';
import {
  elementCount,
  elements,
  stringTensor,
  type Tensor,
  tensorBytes,
  tensorFromBytes,
  tensorFromElements,
} from '../../ir/tensor.ts';

/** Row-major strides of dimensions, in elements. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length);
  let stride = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= dims[axis]!;
  }
  return strides;
}

/**
 * For every element of a row-major tensor of `dims`, the position `offset + sum(index[axis] x strides[axis])`: the view
 * of a source through other strides. A stride of 0 repeats, a negative one goes backwards.
 */
export function stridedPositions(dims: readonly number[], strides: readonly number[], offset = 0): Int32Array {
  const count = elementCount(dims);
  const positions = new Int32Array(count);
  const index = new Array<number>(dims.length).fill(0);
  let position = offset;
  for (let i = 0; i < count; i++) {
    positions[i] = position;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      position += strides[axis]!;
      if (++index[axis]! < dims[axis]!) break;
      position -= strides[axis]! * dims[axis]!;
      index[axis] = 0;
    }
  }
  return positions;
}

/** Strides that broadcast `dims` to `target` as NumPy does: 0 along axes that are repeated. */
export function broadcastStrides(dims: readonly number[], target: readonly number[]): number[] {
  const strides = stridesOf(dims);
  const lead = target.length - dims.length;
  return target.map((_, axis) => (axis < lead || dims[axis - lead] === 1 ? 0 : strides[axis - lead]!));
}

/** The elements of `source` at `positions`, as a tensor of `dims`; any element type. */
export function takeElements(source: Tensor, positions: Int32Array, dims: readonly number[]): Tensor {
  if (source.storage.kind === 'strings') {
    const { values } = source.storage;
    return stringTensor(
      dims,
      Array.from(positions, (position) => values[position]!),
    );
  }
  const bits = bitsOf(source.dtype);
  if (bits < 8) {
    const narrow = elements(source) as Uint8Array | Int8Array;
    const taken = narrow instanceof Int8Array ? new Int8Array(positions.length) : new Uint8Array(positions.length);
    for (let i = 0; i < positions.length; i++) taken[i] = narrow[positions[i]!]!;
    return tensorFromElements(source.dtype, dims, taken);
  }
  const width = bits / 8;
  const from = tensorBytes(source);
  const to = new Uint8Array(positions.length * width);
  for (let i = 0, at = 0; i < positions.length; i++) {
    const start = positions[i]! * width;
    for (let byte = 0; byte < width; byte++) to[at++] = from[start + byte]!;
  }
  return tensorFromBytes(source.dtype, dims, to);
}

/** The same elements under other dimensions. */
export function withDims(source: Tensor, dims: readonly number[]): Tensor {
  return { dtype: source.dtype, dims, storage: source.storage };
}

/** The elements of several tensors of one type, one after the other, as one flat tensor. */
export function joinElements(parts: readonly Tensor[]): Tensor {
  const [first] = parts;
  if (first === undefined) throw new RangeError('nothing to join');
  const total = parts.reduce((sum, part) => sum + elementCount(part.dims), 0);
  if (first.storage.kind === 'strings') {
    const values = parts.flatMap((part) => (part.storage.kind === 'strings' ? part.storage.values : []));
    return { dtype: first.dtype, dims: [total], storage: { kind: 'strings', values } };
  }
  if (bitsOf(first.dtype) < 8) {
    const all = parts.flatMap((part) => Array.from(elements(part) as Uint8Array | Int8Array));
    const joined = elements(first) instanceof Int8Array ? Int8Array.from(all) : Uint8Array.from(all);
    return tensorFromElements(first.dtype, [total], joined);
  }
  const bytes = new Uint8Array((total * bitsOf(first.dtype)) / 8);
  let at = 0;
  for (const part of parts) {
    const piece = tensorBytes(part);
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return tensorFromBytes(first.dtype, [total], bytes);
}
