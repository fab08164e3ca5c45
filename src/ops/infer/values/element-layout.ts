import { elementCount } from '../../../ir/tensor.ts';

/** Elements between neighbours along each axis of a row-major tensor. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length).fill(1);
  for (let axis = dims.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * dims[axis + 1]!;
  return strides;
}

/** The coordinates of every element, in row-major order. */
export function coordinatesOf(dims: readonly number[]): number[][] {
  const strides = stridesOf(dims);
  return Array.from({ length: elementCount(dims) }, (_, at) =>
    dims.map((dim, axis) => Math.floor(at / strides[axis]!) % dim),
  );
}

/** Where the element at `coordinates` of a larger shape stands in a tensor that is broadcast to it. */
export function broadcastOffset(coordinates: readonly number[], dims: readonly number[]): number {
  const strides = stridesOf(dims);
  const skipped = coordinates.length - dims.length;
  return dims.reduce(
    (offset, dim, axis) => offset + (dim === 1 ? 0 : coordinates[axis + skipped]! * strides[axis]!),
    0,
  );
}

/** Where the element at `coordinates` stands. */
export function offsetOf(coordinates: readonly number[], dims: readonly number[]): number {
  const strides = stridesOf(dims);
  return coordinates.reduce((offset, at, axis) => offset + at * strides[axis]!, 0);
}
