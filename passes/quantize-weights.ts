import { warning } from '../src/diagnostics/diagnostic.ts';
import { intOf } from '../src/ir/attribute.ts';
import type { Graph } from '../src/ir/graph.ts';
import { isOp, type Node } from '../src/ir/node.ts';
import { elementCount, type Tensor, tensorFromElements, toFloat32 } from '../src/ir/tensor.ts';
import { isUnused, type Value } from '../src/ir/value.ts';
import { tensorType } from '../src/ir/value-type.ts';
import { nodesWithin } from '../src/ir/walk.ts';
import { type StoredWeight, storedWeights } from '../src/ops/stored-weights.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { matchesNode } from '../src/pass/node-pattern.ts';
import { QuantizationInserter } from '../src/quantize/insert-quantization.ts';
import { quantizeWeight, weightScales } from '../src/quantize/quantize-weight.ts';
import { allFinite } from '../src/rewrite/constant-numbers.ts';
import { opsetAt } from '../src/rewrite/opset-at.ts';

/** The first opset where DequantizeLinear takes one scale per channel. */
const OPSET_PER_CHANNEL = 13;

/**
 * Stores weights in 8 bits and dequantizes them when they are used; all arithmetic stays in floating point. For size: the
 * runtime dequantizes anew in every run, except for a MatMul, which has a kernel of its own, and an embedding, of which
 * only the rows that are picked are dequantized.
 */
export const quantizeWeights = definePass({
  name: 'quantize-weights',
  summary: 'Store float weights as int8 and dequantize them when used (weight-only)',
  effect: 'lossy',
  scope: 'model',
  options: {
    minElements: {
      kind: 'number',
      default: 1024,
      min: 1,
      integer: true,
      help: 'Leave weights with fewer elements, whose scales and nodes would outweigh the gain',
    },
    operators: {
      kind: 'list',
      default: [],
      help: 'Only weights of these operators, by name; empty for all that are known',
    },
    exclude: { kind: 'list', default: [], help: 'Nodes to leave in float: names or operators, with * and ?' },
  },
  run(graph, { model, options, count, report }) {
    const opset = opsetAt(model, graph);
    const readers = readersOf(graph, options.minElements, options.operators, options.exclude);
    if (readers.size === 0) return;
    if (opset < OPSET_PER_CHANNEL) {
      report(
        warning({
          code: 'quantize-opset',
          message: `opset ${opset} has one scale per weight; storing weights in 8 bits needs opset ${OPSET_PER_CHANNEL}`,
          at: graph.name,
          hint: 'Run convert-opset before it.',
        }),
      );
      return;
    }
    const inserters = new Map<Graph, QuantizationInserter>();
    const inserterOf = (target: Graph): QuantizationInserter => {
      const inserter = inserters.get(target) ?? new QuantizationInserter(target);
      inserters.set(target, inserter);
      return inserter;
    };
    for (const [value, uses] of readers) {
      storeWeight(inserterOf, value, uses);
      count('weights stored in 8 bits');
    }
  },
});

interface Reader {
  readonly node: Node;
  readonly weight: StoredWeight;
}

/** Constants to store in 8 bits, each with the nodes that read it as a weight, also in nested graphs. */
function readersOf(
  graph: Graph,
  minElements: number,
  operators: readonly string[],
  exclude: readonly string[],
): Map<Value, Reader[]> {
  const readers = new Map<Value, Reader[]>();
  for (const node of nodesWithin(graph)) {
    if (operators.length > 0 && !operators.includes(node.op)) continue;
    if (matchesNode(node, exclude)) continue;
    for (const weight of storedWeights(node)) {
      const value = node.inputs[weight.operand];
      const tensor = value?.constant;
      if (value === undefined || tensor?.dtype !== 'float32') continue;
      if (tensor.dims.length < 2 || elementCount(tensor.dims) < minElements) continue;
      if (!keepsScaleAxis(node, weight, tensor) || !allFinite(tensor)) continue;
      readers.set(value, [...(readers.get(value) ?? []), { node, weight }]);
    }
  }
  return readers;
}

/** Whether the scaled axis of a table that is picked from is still an axis of what was picked. */
function keepsScaleAxis(node: Node, { dequantize }: StoredWeight, { dims }: Tensor): boolean {
  if (dequantize === 'before') return true;
  const axis = intOf(node, 'axis') ?? 0;
  return isOp(node, 'Gather') && (axis < 0 ? axis + dims.length : axis) < dims.length - 1;
}

/** Stores one constant, once per axis and per graph that it is needed in, and lets its readers read that. */
function storeWeight(
  inserterOf: (graph: Graph) => QuantizationInserter,
  value: Value,
  readers: readonly Reader[],
): void {
  const tensor = value.constant!;
  const values = toFloat32(tensor);
  const groups = new Map<string, Reader[]>();
  const graphs: Graph[] = [];
  for (const reader of readers) {
    const graph = graphToStoreIn(reader);
    if (!graphs.includes(graph)) graphs.push(graph);
    const key = `${graphs.indexOf(graph)} ${positive(reader.weight.axis, tensor)}`;
    groups.set(key, [...(groups.get(key) ?? []), reader]);
  }
  for (const group of groups.values()) {
    const [first] = group;
    const axis = positive(first!.weight.axis, tensor);
    const graph = graphToStoreIn(first!);
    const inserter = inserterOf(graph);
    const scales = Float32Array.from(weightScales(values, tensor.dims, axis), (scale) => scale || 1);
    const quantized = tensorFromElements('int8', tensor.dims, quantizeWeight(values, tensor.dims, axis, scales));
    const stored = inserter.addWeight(quantized, scales, axis);
    const before = group.filter(({ weight }) => weight.dequantize === 'before');
    if (before.length > 0) {
      const [start] = graph.nodes();
      const dequantized = inserter.dequantizeAt(start!, stored, tensorType('float32', tensor.dims), axis);
      for (const { node, weight } of before) node.graph!.setInput(node, weight.operand, dequantized);
    }
    for (const { node, weight } of group) {
      if (weight.dequantize === 'before') continue;
      graph.setInput(node, weight.operand, stored.quantized);
      inserter.dequantizeResult(node, stored, -1);
    }
  }
  if (isUnused(value)) value.graph.eraseValue(value);
}

/** The graph of the reader, or the one around the loops that it stands in, where a weight is dequantized only once. */
function graphToStoreIn({ node, weight }: Reader): Graph {
  let graph = node.graph!;
  if (weight.dequantize === 'after') return graph;
  while (isOp(graph.owner, 'Scan', 'Loop')) graph = graph.owner.graph!;
  return graph;
}

function positive(axis: number, { dims }: Tensor): number {
  return axis < 0 ? axis + dims.length : axis;
}
