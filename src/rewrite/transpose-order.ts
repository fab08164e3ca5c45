import { intsOf } from '../ir/attribute.ts';
import type { Node } from '../ir/node.ts';
import { shapeOf } from '../ir/value-type.ts';

/** The rank that a Transpose works on, as its operand or its attribute says. */
export function transposeRank(transpose: Node): number | undefined {
  return shapeOf(transpose.inputs[0]?.type)?.length ?? intsOf(transpose, 'perm')?.length;
}

/**
 * The axes of its operand in the order in which a Transpose gives them, reversed where it does not say; none where the
 * rank is not known, or what a damaged file says is no order of so many axes.
 */
export function transposeOrder(transpose: Node, rank = transposeRank(transpose)): readonly number[] | undefined {
  if (rank === undefined) return undefined;
  const order = intsOf(transpose, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  return order.length === rank && order.every((_, axis) => order.includes(axis)) ? order : undefined;
}
