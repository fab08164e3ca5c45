import { type Shape, sameDim } from '../ir/shape.ts';

/**
 * Whether a constant of these dimensions is proven to broadcast to `shape` without widening it. A scalar always does;
 * otherwise the rank of the shape must be known, and each dimension is 1 or proven equal.
 */
export function broadcastsInto(dims: readonly number[], shape: Shape | undefined): boolean {
  if (dims.length === 0) return true;
  if (shape === undefined || shape.length < dims.length) return false;
  const aligned = shape.slice(shape.length - dims.length);
  return dims.every((dim, index) => dim === 1 || sameDim(dim, aligned[index]));
}
