import { floatOf, floatsOf, intsOf } from '../../ir/attribute.ts';
import { copiedAttributes } from '../../ir/copy-attribute.ts';
import type { Node } from '../../ir/node.ts';
import { int64Tensor, scalarTensor, tensorFromNumbers } from '../../ir/tensor.ts';
import { knownDtype, labelOf, replaceNode } from './edit-node.ts';
import type { OpsetAdapter } from './opset-adapter.ts';

/** ImageScaler, gone in opset 10: x * scale, plus one bias per channel. */
export const imageScaler: OpsetAdapter = (node, graph) => {
  if (!mayBeFloat32(node)) return 'its operand is not float32';
  const bias = floatsOf(node, 'bias') ?? [];
  const scale = graph.addConstant(scalarTensor('float32', floatOf(node, 'scale') ?? 1), `${labelOf(node)}_scale`);
  const offset = graph.addConstant(tensorFromNumbers('float32', [1, bias.length, 1, 1], bias), `${labelOf(node)}_bias`);
  replaceNode(graph, node, { op: 'Mul', inputs: [scale] }, { op: 'Add', inputs: [offset] });
  return undefined;
};

/** Affine, gone in opset 10: x * alpha + beta. */
export const affine: OpsetAdapter = (node, graph) => {
  if (!mayBeFloat32(node)) return 'its operand is not float32';
  const constant = (name: string, absent: number) =>
    graph.addConstant(scalarTensor('float32', floatOf(node, name) ?? absent), `${labelOf(node)}_${name}`);
  replaceNode(graph, node, { op: 'Mul', inputs: [constant('alpha', 1)] }, { op: 'Add', inputs: [constant('beta', 0)] });
  return undefined;
};

/** Crop, gone in opset 10: cuts a border (left, top, right, bottom) off an image, or a window of `scale` (height, width). */
export const crop: OpsetAdapter = (node, graph) => {
  const [left = 0, top = 0, right = 0, bottom = 0] = intsOf(node, 'border') ?? [];
  const window = intsOf(node, 'scale') ?? [];
  // An end of 0 would be the beginning: INT64_MAX is the end whatever the size.
  const end = (border: number) => (border === 0 ? 2n ** 63n - 1n : -border);
  const ends = window.length === 2 ? [top + window[0]!, left + window[1]!] : [end(bottom), end(right)];
  const operands = { starts: [top, left], ends, axes: [2, 3] };
  const inputs = Object.entries(operands).map(([name, values]) =>
    graph.addConstant(int64Tensor(values), `${labelOf(node)}_${name}`),
  );
  replaceNode(graph, node, { op: 'Slice', inputs });
  return undefined;
};

/** Scatter, deprecated in opset 11 for ScatterElements, which is the same. */
export const scatterElements: OpsetAdapter = (node, graph) => {
  replaceNode(graph, node, { op: 'ScatterElements', inputs: node.inputs.slice(1), attributes: copiedAttributes(node) });
  return undefined;
};

/** ONNX Runtime, the last to run these operators, has them for float32 alone; a type is not always known. */
function mayBeFloat32(node: Node): boolean {
  const dtype = knownDtype(node.inputs[0]);
  return dtype === undefined || dtype === 'float32';
}
