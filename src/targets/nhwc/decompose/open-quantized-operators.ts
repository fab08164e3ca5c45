import { type Attribute, floatOf, int, intOf, intsOf } from '../../../ir/attribute.ts';
import { copiedAttributes } from '../../../ir/copy-attribute.ts';
import type { Graph } from '../../../ir/graph.ts';
import { type Model, opsetOf } from '../../../ir/model.ts';
import type { Node, NodeSpec } from '../../../ir/node.ts';
import { elementCount, int64Tensor, tensorFromNumbers, toNumbers } from '../../../ir/tensor.ts';
import type { Value } from '../../../ir/value.ts';
import { dtypeOf } from '../../../ir/value-type.ts';
import { nodesWithin } from '../../../ir/walk.ts';
import { operatorKey } from '../../../ops/operator-key.ts';
import { staticShape } from '../layout/static-shape.ts';

/** Places of a quantized operand, its scale and its zero point among a node's inputs. */
type Operand = readonly [data: number, scale: number, zeroPoint: number];

/** An operator on quantized operands as the same one on floats, between DequantizeLinear and QuantizeLinear. */
interface OpenedForm {
  readonly op: string;
  readonly operands: readonly Operand[];
  /** Scale and zero point of the result. */
  readonly result: readonly [scale: number, zeroPoint: number];
  /** Operands that are floats or of another kind already, which come first. */
  readonly plain?: readonly number[];
  /** A bias in 32 bits, in steps of the product of the first two scales. */
  readonly bias?: number;
  /** Axis of an operand's scale where it has several. */
  readonly axis?: number;
}

const BINARY: readonly Operand[] = [
  [0, 1, 2],
  [3, 4, 5],
];
const UNARY: Omit<OpenedForm, 'op'> = { operands: [[0, 1, 2]], result: [3, 4] };

const FORMS: Readonly<Record<string, OpenedForm>> = {
  QLinearConv: { op: 'Conv', operands: BINARY, result: [6, 7], bias: 8, axis: 0 },
  'com.microsoft.QLinearConv': { op: 'Conv', operands: BINARY, result: [6, 7], bias: 8, axis: 0 },
  QLinearMatMul: { op: 'MatMul', operands: BINARY, result: [6, 7], axis: -1 },
  'com.microsoft.QGemm': { op: 'Gemm', operands: BINARY, result: [7, 8], bias: 6 },
  'com.microsoft.QLinearAdd': { op: 'Add', operands: BINARY, result: [6, 7] },
  'com.microsoft.QLinearMul': { op: 'Mul', operands: BINARY, result: [6, 7] },
  'com.microsoft.QLinearSigmoid': { op: 'Sigmoid', ...UNARY },
  'com.microsoft.QLinearLeakyRelu': { op: 'LeakyRelu', ...UNARY },
  'com.microsoft.QLinearAveragePool': { op: 'AveragePool', ...UNARY },
  'com.microsoft.QLinearGlobalAveragePool': { op: 'GlobalAveragePool', ...UNARY },
  'com.microsoft.QLinearReduceMean': { op: 'ReduceMean', ...UNARY },
  'com.microsoft.QLinearSoftmax': { op: 'Softmax', ...UNARY },
  'com.microsoft.QLinearWhere': {
    op: 'Where',
    operands: [
      [1, 2, 3],
      [4, 5, 6],
    ],
    result: [7, 8],
    plain: [0],
  },
};

/** Attributes that only quantized forms have. */
const OWN_ATTRIBUTES = new Set(['channels_last', 'opset']);

/** From this opset on the axes of a ReduceMean are an operand. */
const AXES_ARE_OPERANDS = 18;

/**
 * Writes operators on quantized tensors (`QLinear...`, `QGemm`) as the float operators that they stand for, between
 * DequantizeLinear and QuantizeLinear. Forms that hold for no float operator are left as they are.
 */
export function openQuantizedOperators(model: Model): void {
  const opset = opsetOf(model);
  for (const node of nodesWithin(model.graph)) {
    const graph = node.graph!;
    const key = operatorKey(node.domain, node.op);
    const form = formOf(key, node);
    if (form !== undefined && isPlain(node, opset)) open(graph, node, form, opset);
    if (key === 'com.microsoft.QuantizeLinear' || key === 'com.microsoft.DequantizeLinear') toStandard(graph, node);
  }
}

function formOf(key: string, node: Node): OpenedForm | undefined {
  if (key === 'com.microsoft.QLinearConcat') return concatForm(node);
  return Object.hasOwn(FORMS, key) ? FORMS[key] : undefined;
}

/** QLinearConcat: the result's parameters, then a tensor, scale and zero point for each part. */
function concatForm(node: Node): OpenedForm {
  const parts = Math.floor((node.inputs.length - 2) / 3);
  const operands = Array.from({ length: parts }, (_, k): Operand => [2 + 3 * k, 3 + 3 * k, 4 + 3 * k]);
  return { op: 'Concat', operands, result: [0, 1] };
}

/** Whether the float operator means the same, at this opset and with the same attributes. */
function isPlain(node: Node, opset: number): boolean {
  if (intOf(node, 'channels_last') === 1) return false;
  // Until opset 12 a Softmax runs over all axes from the given one on; the quantized form says which it means.
  if (node.op === 'QLinearSoftmax') return (intOf(node, 'opset') ?? 0) >= 13 === opset >= 13;
  // The factor of a QGemm is in the scale of its bias as well.
  return node.op !== 'QGemm' || (floatOf(node, 'alpha') ?? 1) === 1;
}

function open(graph: Graph, node: Node, form: OpenedForm, opset: number): void {
  const at = (index: number): Value | undefined => node.inputs[index];
  const operands = form.operands.map(([data, scale, zero], k) => {
    const value = at(data)!;
    if (dtypeOf(value.type) === 'float32') return value;
    return dequantized(graph, node, [value, at(scale), at(zero)], axisOf(node, form, k));
  });
  const inputs = [...(form.plain ?? []).map(at), ...operands];
  const bias = form.bias === undefined ? undefined : at(form.bias);
  if (bias !== undefined) {
    const scale = biasScale(graph, node, at(form.operands[0]![1])!, at(form.operands[1]![1])!);
    inputs.push(dequantized(graph, node, [bias, scale, undefined], 0));
  }
  const attributes = new Map([...node.attributes].filter(([name]) => !OWN_ATTRIBUTES.has(name)));
  const axes = form.op === 'ReduceMean' && opset >= AXES_ARE_OPERANDS ? intsOf(node, 'axes') : undefined;
  if (axes !== undefined) {
    attributes.delete('axes');
    inputs.push(graph.addConstant(int64Tensor(axes)));
  }
  const result = insert(graph, node, { op: form.op, inputs, attributes });
  const [scale, zero] = form.result.map(at);
  // QGemm without the parameters of its result gives floats.
  const quantized =
    scale === undefined ? result : insert(graph, node, { op: 'QuantizeLinear', inputs: [result, scale, zero] });
  graph.replaceAllUses(node.outputs[0]!, quantized, { outputs: true });
  graph.erase(node);
}

/** The axis of an operand's scales: outputs of weights. */
function axisOf(node: Node, form: OpenedForm, operand: number): number {
  if (form.op === 'Gemm') return intOf(node, 'transB') === 1 ? 0 : 1;
  const rank = staticShape(node.inputs[form.operands[operand]![0]])?.length ?? 2;
  // A scale per row of the first factor of a matrix product.
  if (form.op === 'MatMul') return operand === 0 ? rank - 2 : rank - 1;
  return form.axis ?? 0;
}

function dequantized(graph: Graph, anchor: Node, inputs: readonly (Value | undefined)[], axis: number): Value {
  const single = elementCount(staticShape(inputs[1]) ?? []) === 1;
  const attributes: Record<string, Attribute> = single ? {} : { axis: int(axis) };
  return insert(graph, anchor, { op: 'DequantizeLinear', inputs, attributes });
}

/** The scale of a bias: the product of those of the operands, computed where it is known. */
function biasScale(graph: Graph, anchor: Node, a: Value, b: Value): Value {
  const [left, right] = [a.constant, b.constant];
  if (left === undefined || right === undefined || elementCount(left.dims) !== 1) {
    return insert(graph, anchor, { op: 'Mul', inputs: [a, b] });
  }
  const [factor = 1] = toNumbers(left);
  const products = toNumbers(right).map((scale) => Math.fround(scale * factor));
  return graph.addConstant(tensorFromNumbers('float32', right.dims, products));
}

/** The operators of com.microsoft that are those of ai.onnx. */
function toStandard(graph: Graph, node: Node): void {
  const result = insert(graph, node, { op: node.op, inputs: node.inputs, attributes: copiedAttributes(node) });
  graph.replaceAllUses(node.outputs[0]!, result, { outputs: true });
  graph.erase(node);
}

function insert(graph: Graph, anchor: Node, spec: NodeSpec): Value {
  return graph.insertBefore(anchor, { origin: anchor.origin, ...spec }).outputs[0]!;
}
