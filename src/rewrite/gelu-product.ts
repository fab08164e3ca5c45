import { isOp, type Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';

/** Whether a value is `x (1 + erf ...)` or `x (1 + tanh ...)`: half of it is GELU, which runtimes look for as a whole. */
export function isGeluProduct({ producer }: Value): boolean {
  if (producer === undefined || !isOp(producer, 'Mul')) return false;
  return makersOf(producer, 'Add').some((sum) => makersOf(sum, 'Erf').length + makersOf(sum, 'Tanh').length > 0);
}

/** The nodes of one operator that a node's operands come from. */
function makersOf(node: Node, op: string): readonly Node[] {
  return node.inputs.flatMap((value) => (value?.producer && isOp(value.producer, op) ? [value.producer] : []));
}
