import { intOf } from '../src/ir/attribute.ts';
import { copiedAttributes } from '../src/ir/copy-attribute.ts';
import type { Graph } from '../src/ir/graph.ts';
import { hasOneResult, isOp, type Node } from '../src/ir/node.ts';
import { int64Tensor, type Tensor, tensorBytes } from '../src/ir/tensor.ts';
import { soleUse, type Value } from '../src/ir/value.ts';
import { dtypeOf, shapeOf, tensorType } from '../src/ir/value-type.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { type Bundle, growSiblings, isBundle, type Stage } from '../src/rewrite/grow-siblings.ts';
import { nodesOfOperators } from '../src/rewrite/nodes-of-operators.ts';
import { opsetAt } from '../src/rewrite/opset-at.ts';
import { sameAttribute } from '../src/rewrite/same-attribute.ts';
import { splitSpec } from '../src/rewrite/split-spec.ts';

/** Most layers of one operand that are compared with one another. */
const MAX_LAYERS = 8;

/** Branches that are worth joining: what they do alike, and how many nodes fewer that leaves. */
interface Family {
  readonly stages: readonly Stage[];
  readonly gain: number;
}

/**
 * Computes branches that do the same, one after the other, as one: products of one operand with different weights, or
 * convolutions of one operand, and what follows for as long as it is the same in each, as for queries and keys in
 * attention and for the heads of detectors. A Split gives the branches back where they part. Only where that leaves fewer
 * nodes.
 *
 * Products that a bias is added to never do the same: ONNX Runtime looks for those in attention. Of convolutions only
 * those that are transposed next are joined, because it fuses others with what follows them.
 */
export const fuseSiblings = definePass({
  name: 'fuse-siblings',
  summary: 'Compute branches that multiply or convolve one value with different weights and then do the same as one',
  effect: 'reassociates',
  options: {},
  run(graph, { model, count }) {
    const opset = opsetAt(model, graph);
    if (opset < 2) return;
    for (let family = best(graph); family !== undefined; family = best(graph)) {
      join(graph, family.stages, opset);
      count('nodes saved', family.gain);
    }
  },
});

/** The family of most gain, if any has some. */
function best(graph: Graph): Family | undefined {
  const byOperand = new Map<Value, Node[]>();
  for (const node of nodesOfOperators(graph, ['MatMul', 'Conv'])) {
    const x = node.inputs[0];
    if (x === undefined || x.uses.size < 2 || !(isProduct(node) || isTurnedConv(node))) continue;
    byOperand.set(x, [...(byOperand.get(x) ?? []), node]);
  }
  let found: Family | undefined;
  for (const layers of byOperand.values()) {
    for (const members of choices(layers.slice(0, MAX_LAYERS))) {
      const family = familyOf(members);
      if (family !== undefined && family.gain > (found?.gain ?? 0)) found = family;
    }
  }
  return found;
}

/** All layers together, and any two. */
function choices(layers: readonly Node[]): readonly (readonly Node[])[] {
  const pairs = layers.flatMap((first, at) => layers.slice(at + 1).map((second) => [first, second]));
  return layers.length > 2 ? [layers, ...pairs] : pairs;
}

/** A product with a matrix of weights that nothing else reads. */
function isProduct(node: Node): boolean {
  return isOp(node, 'MatMul') && node.inputs[1]?.constant?.dims.length === 2 && hasOwnWeights(node, 1);
}

/** A Conv without groups, with weights and bias that nothing else reads, whose result is only transposed. */
function isTurnedConv(node: Node): boolean {
  if (!isOp(node, 'Conv') || (intOf(node, 'group') ?? 1) !== 1 || node.inputs.length > 3) return false;
  if (!hasOwnWeights(node, 1) || (node.inputs[2] !== undefined && !hasOwnWeights(node, 2))) return false;
  const use = soleUse(node.outputs[0]!);
  return use !== undefined && isOp(use.node, 'Transpose') && use.node.graph === node.graph;
}

/** Whether an operand is a float constant of the result's type that nothing else reads. */
function hasOwnWeights(node: Node, index: number): boolean {
  const weights = node.inputs[index];
  const result = node.outputs[0];
  if (!hasOneResult(node)) return false;
  if (weights?.constant === undefined || result === undefined || weights.constant.storage.kind === 'strings')
    return false;
  const { dtype } = weights.constant;
  if (dtype !== 'float32' && dtype !== 'float16' && dtype !== 'float64') return false;
  return soleUse(weights) !== undefined && weights.heldCount === 0 && dtypeOf(result.type) === dtype;
}

function familyOf(layers: readonly Node[]): Family | undefined {
  const root = rootOf(layers);
  if (root === undefined) return undefined;
  const stages = [root, ...growSiblings(root.result)];
  const members = new Set(stages.flatMap(({ nodes }) => nodes));
  const splits = stages.filter(({ result }) => isRead(result, members)).length;
  return { stages, gain: stages.length * (layers.length - 1) - splits };
}

/** The stage that layers of one operand are, if one layer with all their weights does what they do. */
function rootOf(layers: readonly Node[]): Stage | undefined {
  const [first] = layers as readonly [Node];
  const values = layers.map(({ outputs }) => outputs[0]!);
  const rank = shapeOf(values[0]?.type)?.length;
  if (rank === undefined || !layers.every((layer) => isLike(layer, first))) return undefined;
  const weights = layers.map(({ inputs }) => inputs[1]!.constant!);
  const conv = first.op === 'Conv';
  const sizes = weights.map(({ dims }) => dims[conv ? 0 : 1]!);
  return {
    nodes: layers,
    result: { values, axis: conv ? 1 : rank - 1, sizes },
    operands: [first.inputs[0], ...first.inputs.slice(1).map(() => undefined)],
    attributes: copiedAttributes(first),
  };
}

/** Whether two layers differ in nothing but their numbers and in how many results they give. */
function isLike(layer: Node, first: Node): boolean {
  if (layer.op !== first.op || layer.inputs.length !== first.inputs.length) return false;
  if (layer.attributes.size !== first.attributes.size) return false;
  for (const [name, attribute] of first.attributes) {
    const other = layer.attributes.get(name);
    if (other === undefined || !sameAttribute(attribute, other)) return false;
  }
  const { dims } = layer.inputs[1]!.constant!;
  const wanted = first.inputs[1]!.constant!.dims;
  const grown = first.op === 'Conv' ? 0 : 1;
  return dims.length === wanted.length && dims.every((dim, axis) => axis === grown || dim === wanted[axis]);
}

/** Whether anything outside the family reads one of the values. */
function isRead({ values }: Bundle, members: ReadonlySet<Node>): boolean {
  return values.some(
    ({ uses, outputCount, heldCount }) =>
      outputCount > 0 || heldCount > 0 || [...uses].some(({ node }) => !members.has(node)),
  );
}

function join(graph: Graph, stages: readonly Stage[], opset: number): void {
  const members = new Set(stages.flatMap(({ nodes }) => nodes));
  const place = new Map([...graph.nodes()].map((node, index) => [node, index]));
  const wholes = new Map<Bundle, Value>();
  for (const stage of stages) {
    // All that the first of the nodes reads is computed before it, and so is what the others read of other stages.
    const anchor = stage.nodes.reduce((first, node) => (place.get(node)! < place.get(first)! ? node : first));
    const origin = { nodes: stage.nodes.map(({ name }) => name), rules: ['fuse-siblings'] };
    const { values, axis, sizes } = stage.result;
    const shape = shapeOf(values[0]!.type)!;
    const size = sizes.reduce((sum, each) => sum + each, 0);
    const type = tensorType(
      dtypeOf(values[0]!.type)!,
      shape.map((dim, at) => (at === axis ? size : dim)),
    );
    const inputs = stage.operands.map((operand) => (isBundle(operand) ? wholes.get(operand)! : operand));
    if (stage === stages[0]) {
      const axis = stage.nodes[0]!.op === 'Conv' ? 0 : 1;
      for (let index = 1; index < inputs.length; index++)
        inputs[index] = graph.addConstant(joinedWeights(stage.nodes, index, index === 1 ? axis : 0));
    } else if (stage.target !== undefined) inputs[1] = graph.addConstant(int64Tensor(stage.target));
    const { op, name } = stage.nodes[0]!;
    const spec = { op, name, inputs, attributes: stage.attributes, outputs: [{ type }], origin };
    const whole = graph.insertBefore(anchor, spec).outputs[0]!;
    wholes.set(stage.result, whole);
    if (!isRead(stage.result, members)) continue;
    const parts = graph.insertBefore(anchor, {
      ...splitSpec(whole, axis, sizes, { opset, constant: (tensor) => graph.addConstant(tensor) }),
      outputs: values.map(({ name: label, type: own }) => ({ name: label, type: own })),
      origin,
    });
    for (const [branch, value] of values.entries()) {
      graph.replaceAllUses(value, parts.outputs[branch]!, { outputs: true });
    }
  }
  for (const { nodes } of [...stages].reverse()) for (const node of nodes) graph.erase(node);
}

/** The constants that several layers read as operand `index`, joined along the first or second axis. */
function joinedWeights(layers: readonly Node[], index: number, axis: number): Tensor {
  const weights = layers.map(({ inputs }) => inputs[index]!.constant!);
  const rows = axis === 0 ? 1 : weights[0]!.dims[0]!;
  const sources = weights.map((tensor) => tensorBytes(tensor));
  const widths = sources.map(({ length }) => (rows === 0 ? 0 : length / rows));
  const bytes = new Uint8Array(sources.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (const [from, source] of sources.entries()) {
      bytes.set(source.subarray(row * widths[from]!, (row + 1) * widths[from]!), at);
      at += widths[from]!;
    }
  }
  const joined = weights.reduce((sum, { dims }) => sum + dims[axis]!, 0);
  return { dtype: weights[0]!.dtype, dims: weights[0]!.dims.with(axis, joined), storage: { kind: 'bytes', bytes } };
}
