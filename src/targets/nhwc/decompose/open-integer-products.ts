import { int } from '../../../ir/attribute.ts';
import { copiedAttributes } from '../../../ir/copy-attribute.ts';
import type { Graph } from '../../../ir/graph.ts';
import { isOp, type Node, type NodeSpec } from '../../../ir/node.ts';
import { elementCount, int64Tensor, scalarTensor, toNumbers } from '../../../ir/tensor.ts';
import type { Value } from '../../../ir/value.ts';
import { shapeOf, tensorType } from '../../../ir/value-type.ts';
import { operatorKey } from '../../../ops/operator-key.ts';
import { staticShape } from '../layout/static-shape.ts';

/** The numbers of float32 and int32 in `TensorProto.DataType`. */
const FLOAT32 = 1;
const INT32 = 6;

/** Largest magnitude of a sum of integers that float32 holds without rounding, whatever the order of its terms. */
const EXACT_SUM = 2 ** 24;
/** Largest difference of an 8-bit number and a zero point of its type. */
const BYTE_RANGE = 255;
/** Most parts that a product is cut into so that each is exact. */
const MAX_PARTS = 64;

/**
 * Writes products of 8-bit integers (`MatMulInteger`, `ConvInteger` and what com.microsoft makes of them) in floating
 * point, cut into parts whose sums float32 holds exactly: the results are the same integers. Products of which that
 * cannot be proven stay as they are.
 */
export function openIntegerProducts(graph: Graph): void {
  for (const node of graph.nodes()) {
    const key = operatorKey(node.domain, node.op);
    if (key === 'com.microsoft.DynamicQuantizeMatMul') openDynamicMatMul(graph, node);
    else if (key === 'com.microsoft.MatMulIntegerToFloat') openMatMulToFloat(graph, node);
  }
  for (const node of graph.nodes()) {
    if (isOp(node, 'MatMulInteger')) openProduct(graph, node, 'MatMul');
    else if (isOp(node, 'ConvInteger')) openProduct(graph, node, 'Conv');
  }
}

/** DynamicQuantizeMatMul: the first factor is quantized by its range, and the result scaled back. */
function openDynamicMatMul(graph: Graph, node: Node): void {
  const [a, b, scale, zero, bias] = node.inputs;
  const quantize = graph.insertBefore(node, {
    op: 'DynamicQuantizeLinear',
    inputs: [a],
    outputs: [{ type: tensorType('uint8', shapeOf(a?.type)) }, {}, { type: tensorType('uint8', []) }],
    origin: node.origin,
  });
  const [integers, ownScale, ownZero] = quantize.outputs;
  scaledProduct(graph, node, { factors: [integers, b, ownZero, zero], scales: [ownScale, scale], bias });
}

function openMatMulToFloat(graph: Graph, node: Node): void {
  const [a, b, aScale, bScale, aZero, bZero, bias] = node.inputs;
  scaledProduct(graph, node, { factors: [a, b, aZero, bZero], scales: [aScale, bScale], bias });
}

interface ScaledProduct {
  readonly factors: readonly (Value | undefined)[];
  readonly scales: readonly (Value | undefined)[];
  readonly bias: Value | undefined;
}

function scaledProduct(graph: Graph, node: Node, { factors, scales, bias }: ScaledProduct): void {
  const sums = insert(graph, node, { op: 'MatMulInteger', inputs: factors });
  const floats = insert(graph, node, { op: 'Cast', inputs: [sums], attributes: { to: int(FLOAT32) } });
  const scale = insert(graph, node, { op: 'Mul', inputs: scales });
  const scaled = insert(graph, node, { op: 'Mul', inputs: [floats, scale] });
  const result = bias === undefined ? scaled : insert(graph, node, { op: 'Add', inputs: [scaled, bias] });
  graph.replaceAllUses(node.outputs[0]!, result, { outputs: true });
  graph.erase(node);
}

/** MatMulInteger and ConvInteger. */
function openProduct(graph: Graph, node: Node, op: 'MatMul' | 'Conv'): void {
  const [a, b, aZero, bZero] = node.inputs;
  const [left, right] = [staticShape(a), staticShape(b)];
  if (a === undefined || b === undefined || left === undefined || right === undefined) return;
  if (op === 'MatMul' && (left.length < 2 || right.length < 2)) return;
  // A zero point per row would lie along another axis than operands broadcast along.
  if (!isSingle(aZero) || (op === 'Conv' && !isSingle(bZero))) return;
  const cut = { left: op === 'Conv' ? 1 : left.length - 1, right: op === 'Conv' ? 1 : right.length - 2 };
  const depth = right[cut.right]!;
  const size = partSize(b, bZero, { op, depth });
  const grouped = op === 'Conv' && left[1] !== depth;
  if (size === 0 || Math.ceil(depth / size) > MAX_PARTS || (grouped && size < depth)) return;
  const floats = [shifted(graph, node, a, aZero), shifted(graph, node, b, bZero)] as const;
  const parts: Value[] = [];
  for (let start = 0; start < depth; start += size) {
    const end = Math.min(depth, start + size);
    const whole = start === 0 && end === depth;
    const inputs = whole
      ? floats
      : [slice(graph, node, floats[0], [cut.left, start, end]), slice(graph, node, floats[1], [cut.right, start, end])];
    parts.push(insert(graph, node, { op, inputs, attributes: copiedAttributes(node) }));
  }
  replace(graph, node, parts);
}

function isSingle(zero: Value | undefined): boolean {
  return zero === undefined || elementCount(staticShape(zero) ?? [0]) === 1;
}

/** How many steps of the summed axis one part may have; 0 where not even one is exact. */
function partSize(
  b: Value,
  zero: Value | undefined,
  { op, depth }: { readonly op: 'MatMul' | 'Conv'; readonly depth: number },
): number {
  const largest = largestMagnitude(b, zero);
  const shape = staticShape(b)!;
  const perStep = op === 'Conv' ? elementCount(shape.slice(2)) : 1;
  return Math.min(depth, Math.floor(EXACT_SUM / Math.max(1, perStep * largest * BYTE_RANGE)));
}

function largestMagnitude(b: Value, zero: Value | undefined): number {
  const known = b.constant;
  const point = zero === undefined ? [0] : zero.constant && toNumbers(zero.constant);
  if (known === undefined || point?.length !== 1) return BYTE_RANGE;
  return toNumbers(known).reduce((largest, value) => Math.max(largest, Math.abs(value - point[0]!)), 0);
}

/** An operand as floats from which its zero point has been taken. */
function shifted(graph: Graph, anchor: Node, value: Value, zero: Value | undefined): Value {
  if (value.constant !== undefined && isSingle(zero) && (zero === undefined || zero.constant !== undefined)) {
    const one = graph.addConstant(scalarTensor('float32', 1));
    return insert(graph, anchor, { op: 'DequantizeLinear', inputs: [value, one, zero] });
  }
  const toFloat = (each: Value): Value =>
    insert(graph, anchor, { op: 'Cast', inputs: [each], attributes: { to: int(FLOAT32) } });
  if (zero === undefined) return toFloat(value);
  return insert(graph, anchor, { op: 'Sub', inputs: [toFloat(value), toFloat(zero)] });
}

function slice(graph: Graph, anchor: Node, value: Value, [axis, start, end]: readonly [number, number, number]): Value {
  const bounds = [[start], [end], [axis]].map((list) => graph.addConstant(int64Tensor(list)));
  return insert(graph, anchor, { op: 'Slice', inputs: [value, ...bounds] });
}

/** Gives the result as integers or, to a Cast to float that reads one whole sum, as the floats that they are. */
function replace(graph: Graph, node: Node, parts: readonly Value[]): void {
  const result = node.outputs[0]!;
  const [whole] = parts;
  if (parts.length === 1 && whole !== undefined) {
    for (const { node: reader } of [...result.uses]) {
      if (!isOp(reader, 'Cast') || reader.attributes.get('to')?.value !== BigInt(FLOAT32)) continue;
      graph.replaceAllUses(reader.outputs[0]!, whole, { outputs: true });
      graph.erase(reader);
    }
  }
  const integers = parts.map((part) =>
    insert(graph, node, { op: 'Cast', inputs: [part], attributes: { to: int(INT32) } }),
  );
  const sum = integers.reduce((left, right) => insert(graph, node, { op: 'Add', inputs: [left, right] }));
  graph.replaceAllUses(result, sum, { outputs: true });
  graph.erase(node);
}

function insert(graph: Graph, anchor: Node, spec: NodeSpec): Value {
  return graph.insertBefore(anchor, { origin: anchor.origin, ...spec }).outputs[0]!;
}
