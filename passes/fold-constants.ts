import { note } from '../src/diagnostics/diagnostic.ts';
import { packedByteLength } from '../src/ir/dtype.ts';
import { type Graph, subgraphsOf } from '../src/ir/graph.ts';
import { type Model, opsetOf } from '../src/ir/model.ts';
import { describeNode, type Node } from '../src/ir/node.ts';
import { isStatic } from '../src/ir/shape.ts';
import { elementCount, int64Tensor, type Tensor, tensorByteLength } from '../src/ir/tensor.ts';
import type { Value } from '../src/ir/value.ts';
import { shapeOf } from '../src/ir/value-type.ts';
import { canEvaluate, evaluateNode } from '../src/ops/evaluate/evaluate-node.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { sizeOf } from '../src/pass/model-size.ts';
import { type ConstantRegion, constantRegions } from '../src/rewrite/constant-regions.ts';

/**
 * Computes nodes whose operands are all constant, and Shape and Size of tensors of proven shape.
 *
 * A fold must not blow up the file: one that would add more than `maxGrowth` bytes, counting the constants that it makes
 * superfluous, is left to the runtime (a VGG19 whose weights are ConstantOfShape would grow from 9 kB to 500 MB), unless
 * all such folds together add no more than `maxShare` of the model's constants. What only leads to something smaller is
 * folded with it: tables of relative positions come out of small networks with large layers.
 */
export const foldConstants = definePass({
  name: 'fold-constants',
  summary: 'Compute nodes whose operands are constant, within a budget of bytes',
  effect: 'reassociates',
  options: {
    maxGrowth: { kind: 'number', default: 1024, min: 0, help: 'Most bytes that one fold may add to any model' },
    // The relative positions and masks of window attention come to 2% of a model; a size that int8 would notice is more.
    maxShare: { kind: 'number', default: 0.03, min: 0, help: "Share of a model's constants that all folds may add" },
    // Transposing a weight of 100 million elements takes about a second.
    maxElements: { kind: 'number', default: 1e8, min: 0, help: 'Most elements that one fold may compute' },
  },
  run(graph, context) {
    // What is folded makes room for more, and shows more that is constant.
    for (let round = 1; ; round++) {
      const limits = limitsOf(context.model, context.options);
      const before = graph.version;
      const kept = foldNodes(graph, limits, context.count);
      if (kept.some(({ growth }) => growth !== undefined)) foldRegions(graph, limits, context.count);
      if (kept.length > 0 && graph.version !== before && round < MAX_ROUNDS) continue;
      for (const { node, reason, growth } of kept) {
        context.count(`kept: ${reason}`);
        if (growth === undefined || growth <= limits.growth) continue;
        context.report(
          note({
            code: 'fold-over-budget',
            message: `${describeNode(node)} is constant but not folded: it would add ${Math.ceil(growth)} bytes, over the budget of ${Math.floor(limits.growth)}`,
            at: describeNode(node),
          }),
        );
      }
      return;
    }
  },
});

/** Bounds the rounds on hostile files, in which each fold makes room for one more. */
const MAX_ROUNDS = 8;

interface Limits {
  /** Bytes that one fold may add. */
  readonly growth: number;
  /** Bytes that all regions of a graph may add together. */
  readonly totalGrowth: number;
  readonly elements: number;
  readonly opset: number;
}

function limitsOf(
  model: Model,
  {
    maxGrowth,
    maxShare,
    maxElements,
  }: { readonly maxGrowth: number; readonly maxShare: number; readonly maxElements: number },
): Limits {
  return {
    growth: maxGrowth,
    totalGrowth: maxShare * sizeOf(model).bytes,
    elements: maxElements,
    opset: opsetOf(model),
  };
}

type Count = (what: string, by?: number) => void;

/** A node that stays although its operands are constant, and what its result would add where that is a matter of bytes. */
interface Kept {
  readonly node: Node;
  readonly reason: 'size not proven' | 'over budget' | 'no kernel for this form';
  readonly growth?: number;
}

/** Folds each node by itself; returns those that stay. */
function foldNodes(graph: Graph, limits: Limits, count: Count): readonly Kept[] {
  const kept: Kept[] = [];
  const readers = new Map<Value, number>();
  for (const node of graph.nodes()) {
    const shape = foldShape(graph, node);
    if (shape !== undefined && node.outputs.length === 1) {
      replace(graph, node, [shape]);
      count('nodes folded');
      continue;
    }
    if (!isFoldable(node)) continue;
    const size = resultSize(node.outputs);
    if (size === undefined) {
      kept.push({ node, reason: 'size not proven' });
      continue;
    }
    const growth = size.bytes - bytesFreedBy(node, readers);
    if (growth > limits.growth || size.elements > limits.elements) {
      kept.push({ node, reason: 'over budget', growth });
      continue;
    }
    const inputs = node.inputs.map((value) => value?.constant);
    const results = resultsOf(node, inputs, limits.opset);
    if (results === undefined) {
      kept.push({ node, reason: 'no kernel for this form' });
      continue;
    }
    replace(graph, node, results);
    count('nodes folded');
  }
  return kept;
}

/**
 * Folds what several nodes together make of constants, however large what one hands to the next. Beyond the budget of a
 * single fold all are made or none: what is left would fit once the others have made the model larger.
 */
function foldRegions(graph: Graph, limits: Limits, count: Count): void {
  const regions = constantRegions(graph.nodes(), isComputable)
    .filter(({ nodes }) => nodes.every(({ outputs }) => fitsElements(outputs, limits.elements)))
    .map((region) => ({ region, growth: growthOf(region) }));
  const total = regions.reduce((sum, { growth }) => sum + Math.max(0, growth), 0);
  const limit = total <= limits.totalGrowth ? total : limits.growth;
  for (const { region, growth } of regions) {
    if (growth > limit || !foldRegion(graph, region, limits.opset)) continue;
    count('nodes folded', region.nodes.length);
  }
}

function growthOf({ results, freed }: ConstantRegion): number {
  return resultSize(results)!.bytes - freed.reduce((sum, { constant }) => sum + tensorByteLength(constant!), 0);
}

/** Computes a region; false where there is no kernel for one of its nodes. */
function foldRegion(graph: Graph, { nodes, results }: ConstantRegion, opset: number): boolean {
  const known = new Map<Value, Tensor>();
  for (const node of nodes) {
    const inputs = node.inputs.map((value) => value && (value.constant ?? known.get(value)));
    const tensors = resultsOf(node, inputs, opset);
    if (tensors === undefined) return false;
    for (const [i, output] of node.outputs.entries()) if (output !== undefined) known.set(output, tensors[i]!);
  }
  for (const value of results) {
    graph.replaceAllUses(value, constantLike(graph, value, known.get(value)!), { outputs: true });
  }
  for (const node of [...nodes].reverse()) graph.erase(node);
  return true;
}

function fitsElements(outputs: readonly (Value | undefined)[], most: number): boolean {
  const size = resultSize(outputs);
  return size !== undefined && size.elements <= most;
}

/** A node's results, if there is a kernel for its form; a file may name more results than the operator has. */
function resultsOf(node: Node, inputs: readonly (Tensor | undefined)[], opset: number): readonly Tensor[] | undefined {
  const result = evaluateNode(node, inputs, opset);
  return result.kind === 'declined' || result.outputs.length < node.outputs.length ? undefined : result.outputs;
}

/** Runtimes look for this one before a layer to compute it in integers, its bias included; weights would grow fourfold. */
const KEPT = 'DequantizeLinear';

function isFoldable(node: Node): boolean {
  return isComputable(node) && node.inputs.every((value) => value === undefined || value.constant !== undefined);
}

/** Whether a node can be computed once its operands are constants. */
function isComputable(node: Node): boolean {
  return node.op !== KEPT && canEvaluate(node) && node.inputs.length > 0 && subgraphsOf(node).length === 0;
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

function resultSize(
  outputs: readonly (Value | undefined)[],
): { readonly bytes: number; readonly elements: number } | undefined {
  let bytes = 0;
  let elements = 0;
  for (const output of outputs) {
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
