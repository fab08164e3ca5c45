/**
 * An order of axes: axis `k` of what lies in memory is axis `order[k]` of the tensor as the model means it. The identity
 * is the model's own order.
 */
export type AxisOrder = readonly number[];

export function identityOrder(rank: number): AxisOrder {
  return Array.from({ length: rank }, (_, axis) => axis);
}

/** Batch, spatial axes, channels: the order in which convolutions run on channels-last runtimes. */
export function channelsLast(rank: number): AxisOrder {
  if (rank < 3) return identityOrder(rank);
  return [0, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 2), 1];
}

export function sameOrder(a: AxisOrder, b: AxisOrder): boolean {
  return a.length === b.length && a.every((axis, k) => axis === b[k]);
}

/** The shape in memory of a tensor of this shape. */
export function orderedShape(shape: readonly number[], order: AxisOrder): number[] {
  return order.map((axis) => shape[axis]!);
}

/** Whether a tensor has its elements in the same places in both orders, as axes of size 1 do not matter. */
export function sameData(shape: readonly number[], a: AxisOrder, b: AxisOrder): boolean {
  const wide = (axis: number): boolean => shape[axis] !== 1;
  return shape.includes(0) || sameOrder(a.filter(wide), b.filter(wide));
}

/** The axes of memory in order `from` that, taken in turn, give order `to`. */
export function moveBetween(from: AxisOrder, to: AxisOrder): number[] {
  return to.map((axis) => from.indexOf(axis));
}

/** The elements of a row-major array of `shape`, each of `size` bytes, with its axes taken in the order `move`. */
export function moveElements(bytes: Uint8Array, shape: readonly number[], move: AxisOrder, size: number): Uint8Array {
  if (sameData(shape, identityOrder(shape.length), move)) return bytes;
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  const dims = move.map((axis) => shape[axis]!);
  const steps = move.map((axis) => strides[axis]!);
  const moved = new Uint8Array(bytes.byteLength);
  const index = new Array<number>(dims.length).fill(0);
  let from = 0;
  for (let to = 0; to < moved.length; to += size) {
    for (let byte = 0; byte < size; byte++) moved[to + byte] = bytes[from * size + byte]!;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++index[axis]! < dims[axis]!) break;
      from -= steps[axis]! * dims[axis]!;
      index[axis] = 0;
    }
  }
  return moved;
}
