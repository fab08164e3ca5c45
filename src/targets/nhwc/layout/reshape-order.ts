import { type AxisOrder, channelsLast, identityOrder, sameData } from './permutation.ts';

/** Axes of a shape and of its reshaped form that hold the same elements. */
interface AxisGroup {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/**
 * The order in which a reshaped tensor lies in memory when its source lies in `order` and nothing is moved; `undefined`
 * where the source's order takes axes apart that the reshape treats as one.
 */
export function reshapedOrder(from: readonly number[], to: readonly number[], order: AxisOrder): AxisOrder | undefined {
  const groups = axisGroups(from, to);
  if (groups === undefined) return undefined;
  const wide = order.filter((axis) => from[axis] !== 1);
  const result: number[] = [];
  for (let at = 0; at < wide.length; ) {
    const group = groups.find(({ before }) => before[0] === wide[at]);
    if (group === undefined || !group.before.every((axis, k) => wide[at + k] === axis)) return undefined;
    result.push(...group.after);
    at += group.before.length;
  }
  return withUnitAxes(to, result);
}

/** The smallest groups of axes other than those of size 1 with equal numbers of elements; none for empty tensors. */
function axisGroups(from: readonly number[], to: readonly number[]): AxisGroup[] | undefined {
  if (from.includes(0) || to.includes(0)) return undefined;
  const before = from.flatMap((dim, axis) => (dim === 1 ? [] : [axis]));
  const after = to.flatMap((dim, axis) => (dim === 1 ? [] : [axis]));
  const groups: AxisGroup[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length && j < after.length) {
    const start = [i, j] as const;
    let left = from[before[i++]!]!;
    let right = to[after[j++]!]!;
    while (left !== right) {
      if (left < right) {
        if (i === before.length) return undefined;
        left *= from[before[i++]!]!;
      } else {
        if (j === after.length) return undefined;
        right *= to[after[j++]!]!;
      }
    }
    groups.push({ before: before.slice(start[0], i), after: after.slice(start[1], j) });
  }
  return i === before.length && j === after.length ? groups : undefined;
}

/** An order of all axes in which those of size 1 stand where a usual order has them. */
function withUnitAxes(shape: readonly number[], wide: readonly number[]): AxisOrder {
  const units = shape.flatMap((dim, axis) => (dim === 1 ? [axis] : []));
  const order = [...units, ...wide];
  for (const usual of [identityOrder(shape.length), channelsLast(shape.length)]) {
    if (sameData(shape, order, usual)) return usual;
  }
  return order;
}
