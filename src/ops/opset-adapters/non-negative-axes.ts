import { int, intOf, ints, intsOf } from '../../ir/attribute.ts';
import { provenShape } from './edit-node.ts';
import type { OpsetAdapter } from './opset-adapter.ts';

/** Operators whose axes count in the shape of the result. */
const OF_RESULT: ReadonlySet<string> = new Set(['OneHot', 'Unsqueeze']);

/** Operators before opset 11, of which axes counted from the end were not asked: counts them from the front. */
export const nonNegativeAxes: OpsetAdapter = (node, graph) => {
  const axis = intOf(node, 'axis');
  const axes = intsOf(node, 'axes');
  const negative = [...(axis === undefined ? [] : [axis]), ...(axes ?? [])].some((one) => one < 0);
  if (!negative) return undefined;
  const rank = provenShape(OF_RESULT.has(node.op) ? node.outputs[0] : node.inputs[0])?.length;
  if (rank === undefined) return 'an axis counts from the end and the rank is not known';
  const fromFront = (one: number): number => (one < 0 ? one + rank : one);
  if (axis !== undefined) graph.setAttribute(node, 'axis', int(fromFront(axis)));
  if (axes !== undefined) graph.setAttribute(node, 'axes', ints(axes.map(fromFront)));
  return undefined;
};
