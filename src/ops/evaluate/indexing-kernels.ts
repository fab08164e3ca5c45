import { intOf, textOf } from '../../ir/attribute.ts';
import { elementCount, type Tensor, toNumbers } from '../../ir/tensor.ts';
import { joinElements, stridedPositions, stridesOf, takeElements } from './index-map.ts';
import { CannotEvaluate, type KernelTable, normalizeAxis, operand } from './kernel.ts';

/** Operators that read or write elements at places given by indices, and those that rearrange blocks; any element type. */
export const INDEXING_KERNELS: KernelTable = {
  GatherElements: (call) => {
    const [x, indices] = [operand(call, 0), operand(call, 1)];
    const axis = normalizeAxis(intOf(call.node, 'axis') ?? 0, x.dims.length);
    return [takeElements(x, elementPlaces(x, indices, axis), indices.dims)];
  },
  GatherND: (call) => {
    const [x, indices] = [operand(call, 0), operand(call, 1)];
    const batch = intOf(call.node, 'batch_dims') ?? 0;
    const depth = indices.dims.at(-1) ?? 0;
    if (batch + depth > x.dims.length) throw new CannotEvaluate('indices are longer than the rank');
    const starts = tuplePlaces(x, indices, batch);
    const rest = x.dims.slice(batch + depth);
    const inner = elementCount(rest);
    return [takeElements(x, runs(starts, inner), [...indices.dims.slice(0, -1), ...rest])];
  },
  ScatterElements: (call) => {
    const [x, indices, updates] = [operand(call, 0), operand(call, 1), operand(call, 2)];
    plain(textOf(call.node, 'reduction'));
    const axis = normalizeAxis(intOf(call.node, 'axis') ?? 0, x.dims.length);
    return [written(x, elementPlaces(x, indices, axis), updates)];
  },
  ScatterND: (call) => {
    const [x, indices, updates] = [operand(call, 0), operand(call, 1), operand(call, 2)];
    plain(textOf(call.node, 'reduction'));
    const depth = indices.dims.at(-1) ?? 0;
    return [written(x, runs(tuplePlaces(x, indices, 0), elementCount(x.dims.slice(depth))), updates)];
  },
  DepthToSpace: (call) => {
    const x = operand(call, 0);
    const [batch, channels, height, width] = image(x);
    const block = intOf(call.node, 'blocksize') ?? 0;
    const depth = channels / (block * block);
    if (!Number.isInteger(depth)) throw new CannotEvaluate('channels are no multiple of the block');
    const split =
      (textOf(call.node, 'mode') ?? 'DCR') === 'DCR'
        ? { dims: [batch, block, block, depth, height, width], order: [0, 3, 4, 1, 5, 2] }
        : { dims: [batch, depth, block, block, height, width], order: [0, 1, 4, 2, 5, 3] };
    return [permuted(x, split.dims, split.order, [batch, depth, height * block, width * block])];
  },
  SpaceToDepth: (call) => {
    const x = operand(call, 0);
    const [batch, channels, height, width] = image(x);
    const block = intOf(call.node, 'blocksize') ?? 0;
    const [rows, columns] = [height / block, width / block];
    if (!Number.isInteger(rows) || !Number.isInteger(columns)) throw new CannotEvaluate('sides are no multiple of it');
    const dims = [batch, channels, rows, block, columns, block];
    return [permuted(x, dims, [0, 3, 5, 1, 2, 4], [batch, channels * block * block, rows, columns])];
  },
};

function plain(reduction: string | undefined): void {
  if (reduction !== undefined && reduction !== 'none') throw new CannotEvaluate(`reduction ${reduction}`);
}

/** For each element of `indices`, the place in `x` that differs from it along `axis`. */
function elementPlaces(x: Tensor, indices: Tensor, axis: number): Int32Array {
  if (indices.dims.length !== x.dims.length) throw new CannotEvaluate('indices of another rank');
  if (indices.dims.some((dim, i) => i !== axis && dim > x.dims[i]!)) throw new CannotEvaluate('indices are larger');
  const strides = stridesOf(x.dims);
  const places = stridedPositions(
    indices.dims,
    strides.map((stride, i) => (i === axis ? 0 : stride)),
  );
  const size = x.dims[axis]!;
  for (const [i, index] of toNumbers(indices).entries()) places[i] = places[i]! + place(index, size) * strides[axis]!;
  return places;
}

/** Where the part of `x` begins that each index tuple names, the leading `batch` axes being shared. */
function tuplePlaces(x: Tensor, indices: Tensor, batch: number): number[] {
  const strides = stridesOf(x.dims);
  const depth = indices.dims.at(-1) ?? 0;
  const tuples = indices.dims.slice(0, -1);
  if (tuples.slice(0, batch).some((dim, i) => dim !== x.dims[i])) throw new CannotEvaluate('other batch sizes');
  if (batch + depth > x.dims.length) throw new CannotEvaluate('indices are longer than the rank');
  const numbers = toNumbers(indices);
  const inBatch = stridedPositions(
    tuples,
    tuples.map((_, i) => (i < batch ? strides[i]! : 0)),
  );
  return Array.from(inBatch, (start, t) => {
    let at = start;
    for (let k = 0; k < depth; k++) at += place(numbers[t * depth + k]!, x.dims[batch + k]!) * strides[batch + k]!;
    return at;
  });
}

function place(index: number, size: number): number {
  const at = index < 0 ? index + size : index;
  if (!(at >= 0 && at < size)) throw new CannotEvaluate(`index ${index} lies outside ${size}`);
  return at;
}

/** `length` places from each start on. */
function runs(starts: readonly number[], length: number): Int32Array {
  const places = new Int32Array(starts.length * length);
  for (const [i, start] of starts.entries()) for (let k = 0; k < length; k++) places[i * length + k] = start + k;
  return places;
}

/** `x` with the elements of `updates` at `places`; the last written stays. */
function written(x: Tensor, places: Int32Array, updates: Tensor): Tensor {
  if (places.length !== elementCount(updates.dims)) throw new CannotEvaluate('not as many updates as indices');
  const count = elementCount(x.dims);
  const sources = Int32Array.from({ length: count }, (_, i) => i);
  for (const [i, at] of places.entries()) sources[at] = count + i;
  return takeElements(joinElements([x, updates]), sources, x.dims);
}

function image(x: Tensor): [number, number, number, number] {
  if (x.dims.length !== 4) throw new CannotEvaluate('no image');
  return x.dims as [number, number, number, number];
}

function permuted(x: Tensor, dims: readonly number[], order: readonly number[], result: readonly number[]): Tensor {
  const strides = stridesOf(dims);
  const places = stridedPositions(
    order.map((axis) => dims[axis]!),
    order.map((axis) => strides[axis]!),
  );
  return takeElements(x, places, result);
}
