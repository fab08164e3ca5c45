import { intOf } from '../../ir/attribute.ts';
import { int64Tensor, toNumbers } from '../../ir/tensor.ts';
import { labelOf, provenShape, replaceNode } from './edit-node.ts';
import type { OpsetAdapter } from './opset-adapter.ts';

/** INT32_MAX: the end that Slice takes for "to the last". */
const TO_THE_END = 2 ** 31 - 1;

/** Shape before opset 15, which gave all dimensions: a Slice takes the part. */
export const shapeWithoutParts: OpsetAdapter = (node, graph) => {
  const start = intOf(node, 'start') ?? 0;
  const end = intOf(node, 'end');
  if (start === 0 && end === undefined) {
    graph.setAttribute(node, 'start', undefined);
    return undefined;
  }
  const constant = (name: string, value: number) => graph.addConstant(int64Tensor([value]), `${labelOf(node)}_${name}`);
  replaceNode(
    graph,
    node,
    { op: 'Shape', inputs: [] },
    { op: 'Slice', inputs: [constant('start', start), constant('end', end ?? TO_THE_END), constant('axis', 0)] },
  );
  return undefined;
};

/** Reshape before opset 14, where a 0 always copies a dimension: the same for a target without one. */
export const reshapeWithoutZero: OpsetAdapter = (node, graph) => {
  const target = node.inputs[1]?.constant;
  const shape = provenShape(node.outputs[0]);
  const sizes = target === undefined ? shape : toNumbers(target);
  if (intOf(node, 'allowzero') === 1 && !sizes?.every((size) => typeof size === 'number' && size !== 0))
    return 'its target may hold a 0 that means a size of 0';
  graph.setAttribute(node, 'allowzero', undefined);
  return undefined;
};
