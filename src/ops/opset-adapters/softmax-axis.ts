import { int, intOf } from '../../ir/attribute.ts';
import { isStatic, type Shape } from '../../ir/shape.ts';
import { int64Tensor } from '../../ir/tensor.ts';
import { provenShape, replaceNode } from './edit-node.ts';
import type { OpsetAdapter } from './opset-adapter.ts';

/**
 * Softmax, LogSoftmax, Hardmax, opset 13. Before, the operand was seen as a matrix, the axes from `axis` on forming its
 * rows; since, the operator works along `axis` alone. The same where at most one of those axes is longer than 1;
 * otherwise the operand is flattened and shaped back.
 */
export const softmaxAxis: OpsetAdapter = (node, graph) => {
  const axis = intOf(node, 'axis') ?? 1;
  const shape = provenShape(node.inputs[0]);
  const single = soleAxis(shape, axis);
  if (single !== undefined) {
    graph.setAttribute(node, 'axis', int(single));
    return undefined;
  }
  if (axis < 0) return 'its axis counts from the end and the rank of its operand is not known';
  const input = node.inputs[0];
  const target =
    shape !== undefined && isStatic(shape)
      ? graph.addConstant(int64Tensor(shape), `${node.outputs[0]?.name}_shape`)
      : graph.insertBefore(node, {
          op: 'Shape',
          inputs: [input],
          outputs: [{ name: `${node.outputs[0]?.name}_shape` }],
        }).outputs[0];
  replaceNode(
    graph,
    node,
    { op: 'Flatten', inputs: [], attributes: { axis: int(axis) } },
    { op: node.op, inputs: [], attributes: { axis: int(-1) }, name: node.name },
    { op: 'Reshape', inputs: [target], name: '' },
  );
  return undefined;
};

/** The only axis from `axis` on that may be longer than 1, counted from the end. */
function soleAxis(shape: Shape | undefined, axis: number): number | undefined {
  if (axis === -1) return -1;
  if (shape === undefined) return undefined;
  const from = axis < 0 ? axis + shape.length : axis;
  const long = shape.flatMap((dim, i) => (i >= from && dim !== 1 ? [i] : []));
  return long.length > 1 ? undefined : (long[0] ?? shape.length - 1) - shape.length;
}
