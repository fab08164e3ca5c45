import { int, intOf } from '../src/ir/attribute.ts';
import type { Graph } from '../src/ir/graph.ts';
import { hasOneResult, isOp, type Node } from '../src/ir/node.ts';
import { int64Tensor } from '../src/ir/tensor.ts';
import { isUnused, soleUse, type Value } from '../src/ir/value.ts';
import { shapeOf } from '../src/ir/value-type.ts';
import { sumDims } from '../src/ops/dims/dim-arithmetic.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { integersOf } from '../src/rewrite/constant-numbers.ts';
import { opsetAt } from '../src/rewrite/opset-at.ts';
import { reshapeTarget } from '../src/rewrite/reshape-target.ts';

/** The opset from which Reshape has an operand for its shape. */
const RESHAPE_OPERAND_SINCE = 5;

/** Turns the stacking of values along a new axis into a Concat along the axis that stands there before, and one Reshape. */
export const fuseStacks = definePass({
  name: 'fuse-stacks',
  summary: 'Turn a Concat of Unsqueezes into one Concat and one Reshape',
  effect: 'exact',
  options: {},
  run(graph, { model, count }) {
    if (opsetAt(model, graph) < RESHAPE_OPERAND_SINCE) return;
    for (const concat of graph.nodes()) {
      const stack = isOp(concat, 'Concat') && hasOneResult(concat) ? stackOf(concat) : undefined;
      if (stack === undefined) continue;
      if (typeof stack === 'string') count(`kept: ${stack}`);
      else {
        replace(graph, concat, stack);
        count('stacks joined');
      }
    }
  },
});

interface Stack {
  readonly parts: readonly Node[];
  /** What is stacked, in order. */
  readonly values: readonly (Value | undefined)[];
  readonly axis: number;
  /** The operand of the Reshape from the values joined to the values stacked. */
  readonly target: readonly number[];
}

/** What a Concat stacks, or why it cannot be said otherwise; nothing where it stacks nothing. */
function stackOf(concat: Node): Stack | string | undefined {
  const after = shapeOf(concat.outputs[0]?.type);
  const given = intOf(concat, 'axis');
  const rank = after?.length ?? 0;
  if (given === undefined || after === undefined || concat.inputs.length < 2) return undefined;
  const axis = given + (given < 0 ? rank : 0);
  const parts = concat.inputs.flatMap((value) =>
    isStacked(value?.producer, concat, axis, rank) ? [value!.producer!] : [],
  );
  if (parts.length < concat.inputs.length) return undefined;
  if (axis >= rank - 1) return 'along a last axis the elements alternate';
  const values = parts.map((part) => part.inputs[0]);
  const shape = shapeOf(values[0]?.type);
  const joined = shape?.map((dim, at) => (at === axis ? sumDims(values.map(() => dim)) : dim));
  const target = reshapeTarget(joined, after);
  return target === undefined ? 'the shape cannot be said by one Reshape' : { parts, values, axis, target };
}

/** Whether a node adds exactly the axis that its result is joined along, and only `concat` reads the result. */
function isStacked(node: Node | undefined, concat: Node, axis: number, rank: number): boolean {
  if (!isOp(node, 'Unsqueeze') || node.graph !== concat.graph || soleUse(node.outputs[0]) === undefined) return false;
  const axes = integersOf(node, 'axes', 1);
  return typeof axes !== 'string' && axes.length === 1 && axes[0]! + (axes[0]! < 0 ? rank : 0) === axis;
}

function replace(graph: Graph, concat: Node, { parts, values, axis, target }: Stack): void {
  const origin = { nodes: [...parts, concat].map(({ name }) => name), rules: ['fuse-stacks'] };
  const joined = graph.insertBefore(concat, { op: 'Concat', inputs: values, attributes: { axis: int(axis) }, origin });
  const { name, type } = concat.outputs[0]!;
  const stacked = graph.insertBefore(concat, {
    op: 'Reshape',
    inputs: [joined.outputs[0], graph.addConstant(int64Tensor(target))],
    outputs: [{ name, type }],
    origin,
  });
  graph.replaceAllUses(concat.outputs[0]!, stacked.outputs[0]!, { outputs: true });
  graph.erase(concat);
  for (const part of parts) if (part.graph === graph && isUnused(part.outputs[0]!)) graph.erase(part);
}
