import { int, ints } from '../ir/attribute.ts';
import type { NodeSpec } from '../ir/node.ts';
import { int64Tensor, type Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';

/** The opset from which Split takes its sizes as an operand. */
const OPERAND_SINCE = 13;

/** A Split of `x` into parts of these sizes in the form of an opset, from 2 on; its results are for the caller to add. */
export function splitSpec(
  x: Value | undefined,
  axis: number,
  sizes: readonly number[],
  { opset, constant }: { readonly opset: number; readonly constant: (tensor: Tensor) => Value },
): Pick<NodeSpec, 'op' | 'inputs' | 'attributes'> {
  return opset < OPERAND_SINCE
    ? { op: 'Split', inputs: [x], attributes: { axis: int(axis), split: ints(sizes) } }
    : { op: 'Split', inputs: [x, constant(int64Tensor(sizes))], attributes: { axis: int(axis) } };
}
