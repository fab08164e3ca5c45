import { note } from '../src/diagnostics/diagnostic.ts';
import { packedByteLength } from '../src/ir/dtype.ts';
import { type Graph, subgraphsOf } from '../src/ir/graph.ts';
import { opsetOf } from '../src/ir/model.ts';
import { describeNode, type Node } from '../src/ir/node.ts';
import { isStatic } from '../src/ir/shape.ts';
import { elementCount, int64Tensor, type Tensor, tensorByteLength } from '../src/ir/tensor.ts';
import type { Value } from '../src/ir/value.ts';
import { shapeOf } from '../src/ir/value-type.ts';
import { canEvaluate, evaluateNode } from '../src/ops/evaluate/evaluate-node.ts';
import { definePass } from '../src/pass/define-pass.ts';

/**
 * Computes nodes whose operands are all constant, and Shape and Size of tensors of proven shape.
 *
 * A fold must not blow up the file: one that would add more than `maxGrowth` bytes, counting the constants that it makes
 * superfluous, is left to the runtime (a VGG19 whose weights are ConstantOfShape would grow from 9 kB to 500 MB).
 */
export const foldConstants = definePass({
  name: 'fold-constants',
  summary: 'Compute nodes whose operands are constant, within a budget of bytes',
  effect: 'reassociates',
  options: {
    maxGrowth: { kind: 'number', default: 1024, min: 0, help: 'Most bytes that one fold may add to the model' },
    // Transposing a weight of 100 million elements takes about a second.
    maxElements: { kind: 'number', default: 1e8, min: 0, help: 'Most elements that one fold may compute' },
  },
  run(graph, context) {
    const readers = new Map<Value, number>();
    for (const node of graph.nodes()) {
      const shape = foldShape(graph, node);
      if (shape !== undefined && node.outputs.length === 1) {
        replace(graph, node, [shape]);
        context.count('nodes folded');
        continue;
      }
      if (!isFoldable(node)) continue;
      const size = resultSize(node);
      if (size === undefined) {
        context.count('kept: size not proven');
        continue;
      }
      const growth = size.bytes - bytesFreedBy(node, readers);
      if (growth > context.options.maxGrowth || size.elements > context.options.maxElements) {
        context.count('kept: over budget');
        if (growth > context.options.maxGrowth) {
          context.report(
            note({
              code: 'fold-over-budget',
              message: `${describeNode(node)} is constant but not folded: it would add ${Math.ceil(growth)} bytes, over the budget of ${context.options.maxGrowth}`,
              at: describeNode(node),
            }),
          );
        }
        continue;
      }
      const inputs = node.inputs.map((value) => value?.constant);
      const result = evaluateNode(node, inputs, opsetOf(context.model));
      // A file may name more results than the operator has.
      if (result.kind === 'declined' || result.outputs.length < node.outputs.length) {
        context.count('kept: no kernel for this form');
        continue;
      }
      replace(graph, node, result.outputs);
      context.count('nodes folded');
    }
  },
});

/** Runtimes look for this one before a layer to compute it in integers, its bias included; weights would grow fourfold. */
const KEPT = 'DequantizeLinear';

function isFoldable(node: Node): boolean {
  return (
    node.op !== KEPT &&
    canEvaluate(node) &&
    node.inputs.length > 0 &&
    node.inputs.every((value) => value === undefined || value.constant !== undefined) &&
    subgraphsOf(node).length === 0
  );
}

/** Shape or Size of a value whose shape is proven, whatever its elements. */
function foldShape(graph: Graph, node: Node): Tensor | undefined {
  if (node.domain !== '' || (node.op !== 'Shape' && node.op !== 'Size') || node.graph !== graph) return undefined;
  const shape = shapeOf(node.inputs[0]?.type);
  if (!isStatic(shape)) return undefined;
  const result = evaluateNode(node, [shapeOnly(shape)], Number.POSITIVE_INFINITY);
  return result.kind === 'value' ? result.outputs[0] : undefined;
}

/** A tensor that has dimensions and no elements to speak of: what Shape and Size look at. */
function shapeOnly(dims: readonly number[]): Tensor {
  return { ...int64Tensor([]), dims };
}

function resultSize(node: Node): { readonly bytes: number; readonly elements: number } | undefined {
  let bytes = 0;
  let elements = 0;
  for (const output of node.outputs) {
    if (output === undefined) continue;
    const shape = shapeOf(output.type);
    if (output.type?.kind !== 'tensor' || !isStatic(shape)) return undefined;
    const count = elementCount(shape);
    elements += count;
    bytes += packedByteLength(output.type.dtype, count);
  }
  return { bytes, elements };
}

/**
 * Bytes of the constants that are superfluous once this node is folded. Where several nodes read a constant and all can
 * be folded, each is credited with its share of it: the gates that are cut out of one recurrent weight, for instance.
 *
 * @param readers how many nodes read each constant when the pass began, filled in as constants are met.
 */
function bytesFreedBy(node: Node, readers: Map<Value, number>): number {
  let bytes = 0;
  for (const value of new Set(node.inputs)) {
    if (value?.constant === undefined || value.outputCount > 0) continue;
    const nodes = new Set([...value.uses].map((use) => use.node));
    if (!readers.has(value)) readers.set(value, nodes.size);
    if ([...nodes].every((reader) => reader === node || isFoldable(reader))) {
      bytes += tensorByteLength(value.constant) / readers.get(value)!;
    }
  }
  return bytes;
}

function replace(graph: Graph, node: Node, results: readonly Tensor[]): void {
  for (const [index, output] of node.outputs.entries()) {
    const tensor = results[index];
    if (output === undefined || tensor === undefined) continue;
    graph.replaceAllUses(output, constantLike(graph, output, tensor), { outputs: true });
  }
  graph.erase(node);
}

function constantLike(graph: Graph, output: Value, tensor: Tensor): Value {
  return graph.addConstant(tensor, output.name, { extra: output.extra });
}
