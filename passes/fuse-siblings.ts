import type { Graph } from '../src/ir/graph.ts';
import { isOp, type Node } from '../src/ir/node.ts';
import { int64Tensor, type Tensor, tensorBytes } from '../src/ir/tensor.ts';
import { soleUse, type Value } from '../src/ir/value.ts';
import { dtypeOf, shapeOf, tensorType } from '../src/ir/value-type.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { type Bundle, growSiblings, isBundle, type Stage } from '../src/rewrite/grow-siblings.ts';
import { opsetAt } from '../src/rewrite/opset-at.ts';
import { splitSpec } from '../src/rewrite/split-spec.ts';

/** Most products of one operand that are compared with one another. */
const MAX_PRODUCTS = 8;

/** Branches that are worth joining: what they do alike, and how many nodes fewer that leaves. */
interface Family {
  readonly stages: readonly Stage[];
  readonly gain: number;
}

/**
 * Computes branches that do the same, one after the other, as one: products of one operand with different weights, and
 * what follows for as long as it is the same in each, as for queries and keys in attention. A Split gives the branches
 * back where they part. Only where that leaves fewer nodes.
 *
 * Products that a bias is added to never do the same: ONNX Runtime looks for those in attention.
 */
export const fuseSiblings = definePass({
  name: 'fuse-siblings',
  summary: 'Compute branches that multiply one value by different weights and then do the same as one',
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
  for (const node of graph.nodes()) {
    const x = node.inputs[0];
    if (x === undefined || !isProduct(node)) continue;
    byOperand.set(x, [...(byOperand.get(x) ?? []), node]);
  }
  let found: Family | undefined;
  for (const products of byOperand.values()) {
    for (const members of choices(products.slice(0, MAX_PRODUCTS))) {
      const family = familyOf(members);
      if (family !== undefined && family.gain > (found?.gain ?? 0)) found = family;
    }
  }
  return found;
}

/** All products together, and any two. */
function choices(products: readonly Node[]): readonly (readonly Node[])[] {
  const pairs = products.flatMap((first, at) => products.slice(at + 1).map((second) => [first, second]));
  return products.length > 2 ? [products, ...pairs] : pairs;
}

/** A product with a matrix of weights that nothing else reads. */
function isProduct(node: Node): boolean {
  if (!isOp(node, 'MatMul') || node.outputs[0] === undefined) return false;
  const weights = node.inputs[1];
  if (weights?.constant?.storage.kind === 'strings' || weights?.constant?.dims.length !== 2) return false;
  const { dtype } = weights.constant;
  if (dtype !== 'float32' && dtype !== 'float16' && dtype !== 'float64') return false;
  return soleUse(weights) !== undefined && weights.heldCount === 0 && dtypeOf(node.outputs[0].type) === dtype;
}

function familyOf(products: readonly Node[]): Family | undefined {
  const values = products.map(({ outputs }) => outputs[0]!);
  const rank = shapeOf(values[0]?.type)?.length;
  const weights = products.map(({ inputs }) => inputs[1]!.constant!);
  if (rank === undefined || weights.some(({ dims }) => dims[0] !== weights[0]!.dims[0])) return undefined;
  const first: Bundle = { values, axis: rank - 1, sizes: weights.map(({ dims }) => dims[1]!) };
  const [{ inputs }] = products as readonly [Node];
  const root: Stage = { nodes: products, result: first, operands: [inputs[0], undefined], attributes: {} };
  const stages = [root, ...growSiblings(first)];
  const members = new Set(stages.flatMap(({ nodes }) => nodes));
  const splits = stages.filter(({ result }) => isRead(result, members)).length;
  return { stages, gain: stages.length * (products.length - 1) - splits };
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
    if (stage === stages[0]) inputs[1] = graph.addConstant(sideBySide(stage.nodes));
    else if (stage.target !== undefined) inputs[1] = graph.addConstant(int64Tensor(stage.target));
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

/** The weights of several products in one matrix, row by row. */
function sideBySide(products: readonly Node[]): Tensor {
  const weights = products.map(({ inputs }) => inputs[1]!.constant!);
  const rows = weights[0]!.dims[0]!;
  const sources = weights.map((tensor) => tensorBytes(tensor));
  const widths = sources.map(({ length }) => (rows === 0 ? 0 : length / rows));
  const bytes = new Uint8Array(sources.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (const [index, source] of sources.entries()) {
      bytes.set(source.subarray(row * widths[index]!, (row + 1) * widths[index]!), at);
      at += widths[index]!;
    }
  }
  const width = weights.reduce((sum, { dims }) => sum + dims[1]!, 0);
  return { dtype: weights[0]!.dtype, dims: [rows, width], storage: { kind: 'bytes', bytes } };
}
