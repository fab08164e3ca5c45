/**
 * One dimension of a shape: a size, a symbol (two dimensions with the same symbol have the same size), or unknown.
 * Never -1 or 0 for "unknown".
 */
export type Dim = number | string | undefined;

/** Dimensions of a tensor whose rank is known; `[]` is a scalar. */
export type Shape = readonly Dim[];

/** Whether every dimension is a number. */
export function isStatic(shape: Shape | undefined): shape is readonly number[] {
  return shape?.every((dim) => typeof dim === 'number') ?? false;
}

/** Whether two dimensions are proven equal: the same number or the same symbol. Unknown equals nothing. */
export function sameDim(a: Dim, b: Dim): boolean {
  return a !== undefined && a === b;
}

/** Whether two shapes are proven equal in rank and in every dimension. */
export function sameShape(a: Shape | undefined, b: Shape | undefined): boolean {
  return a !== undefined && b !== undefined && a.length === b.length && a.every((dim, i) => sameDim(dim, b[i]));
}

/** A shape as text: `[N,3,?]`. */
export function formatShape(shape: Shape | undefined): string {
  return shape === undefined ? '[...]' : `[${shape.map((dim) => dim ?? '?').join(',')}]`;
}
