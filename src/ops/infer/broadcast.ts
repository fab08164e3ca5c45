import type { Dim, Shape } from '../../ir/shape.ts';
import { isCapped, isNeverOne } from '../dims/dim-facts.ts';

/**
 * The shape that operands of these shapes have after NumPy's broadcasting; unknown where a rank is.
 *
 * Two different symbols may be broadcast in either direction, so their dimension is unknown; a size that is never 1
 * stands against anything that the runtime accepts beside it.
 */
export function broadcastShapes(shapes: readonly (Shape | undefined)[]): Shape | undefined {
  let result: Shape | undefined = [];
  for (const shape of shapes) {
    if (shape === undefined) return undefined;
    result = broadcastPair(result, shape);
  }
  return shapes.length === 0 ? undefined : result;
}

function broadcastPair(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const fromA = i - (rank - a.length);
    const fromB = i - (rank - b.length);
    return broadcastDim(fromA < 0 ? 1 : a[fromA], fromB < 0 ? 1 : b[fromB]);
  });
}

function broadcastDim(a: Dim, b: Dim): Dim {
  if (a === 1) return b;
  if (b === 1 || a === b) return a;
  if (typeof a === 'number') return typeof b === 'number' ? undefined : a;
  if (typeof b === 'number') return b;
  if (isNeverOne(a) || isCapped(b, a)) return a;
  return isNeverOne(b) || isCapped(a, b) ? b : undefined;
}

/** What is known of a dimension that two sources both describe, as the operator demands that they agree. */
export function unifyDims(a: Dim, b: Dim): Dim {
  if (a === undefined || a === b) return b;
  if (typeof a === 'number') return typeof b === 'number' ? undefined : a;
  return b === undefined || typeof b === 'string' ? a : b;
}

/** What is known of a shape that two sources both describe. */
export function unifyShapes(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.length === b.length ? a.map((dim, i) => unifyDims(dim, b[i])) : undefined;
}
