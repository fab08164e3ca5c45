import { int } from '../../../ir/attribute.ts';
import type { Graph } from '../../../ir/graph.ts';
import { isOp, type Node } from '../../../ir/node.ts';
import { scalarTensor, tensorFromNumbers } from '../../../ir/tensor.ts';
import { dtypeOf } from '../../../ir/value-type.ts';
import { dataTypeNumber } from '../../../onnx/element-types.ts';
import { constantScalar } from '../../../rewrite/constant-numbers.ts';
import { staticShape } from '../layout/static-shape.ts';
import { NodeWriter } from './node-writer.ts';

/** Writes CastLike as the Cast that it is, and Dropout that drops nothing but gives its mask as what it gives. */
export function openPlainForms(graph: Graph): void {
  for (const node of graph.nodes()) {
    if (isOp(node, 'CastLike')) castLike(node);
    else if (isOp(node, 'Dropout')) dropout(node);
  }
}

function castLike(node: Node): void {
  const dtype = dtypeOf(node.inputs[1]?.type);
  if (dtype === undefined || node.attributes.has('round_mode')) return;
  const write = new NodeWriter(node);
  const saturate = node.attributes.get('saturate');
  const attributes = { to: int(dataTypeNumber(dtype)), ...(saturate !== undefined && { saturate }) };
  write.replace([write.op('Cast', [node.inputs[0]], attributes)]);
}

/** In training nothing is dropped either where the ratio is 0. */
function dropout(node: Node): void {
  const [x, ratio, training] = node.inputs;
  const shape = staticShape(x);
  const idle = training === undefined || constantScalar(training) === 0 || constantScalar(ratio) === 0;
  if (x === undefined || shape === undefined || !idle || dtypeOf(node.outputs[1]?.type) !== 'bool') return;
  const write = new NodeWriter(node);
  const mask = write.op('Expand', [
    write.graph.addConstant(scalarTensor('bool', 1)),
    write.graph.addConstant(tensorFromNumbers('int64', [shape.length], shape)),
  ]);
  write.replace([x, mask]);
}
