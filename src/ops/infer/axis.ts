import type { Dim, Shape } from '../../ir/shape.ts';

/** An axis counted from the front; none where it lies outside. */
export function normalizeAxis(axis: number | undefined, rank: number): number | undefined {
  if (axis === undefined || !Number.isInteger(axis)) return undefined;
  const positive = axis < 0 ? axis + rank : axis;
  return positive >= 0 && positive < rank ? positive : undefined;
}

/** Several axes counted from the front; none where one lies outside or stands twice. */
export function normalizeAxes(axes: readonly Dim[] | undefined, rank: number): readonly number[] | undefined {
  if (axes === undefined) return undefined;
  const normalized: number[] = [];
  for (const axis of axes) {
    const positive = typeof axis === 'number' ? normalizeAxis(axis, rank) : undefined;
    if (positive === undefined || normalized.includes(positive)) return undefined;
    normalized.push(positive);
  }
  return normalized;
}

/** A shape with one dimension replaced. */
export function withDim(shape: Shape, axis: number, dim: Dim): Shape {
  return shape.map((old, index) => (index === axis ? dim : old));
}

/** A shape of `rank` unknown dimensions; a node that would leave fewer than none does not run. */
export function unknownShape(rank: number): Shape {
  return new Array<Dim>(Math.max(rank, 0)).fill(undefined);
}
