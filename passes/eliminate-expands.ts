import { hasOneResult, isOp, type Node } from '../src/ir/node.ts';
import { type Shape, sameShape } from '../src/ir/shape.ts';
import { isUnused, type Use, type Value } from '../src/ir/value.ts';
import { shapeOf } from '../src/ir/value-type.ts';
import { broadcastShapes } from '../src/ops/infer/broadcast.ts';
import { hasTrait } from '../src/ops/traits.ts';
import { definePass } from '../src/pass/define-pass.ts';

/**
 * Removes Expands in front of operators that broadcast their operands themselves, where the result is proven to keep its
 * shape: the other operands have every size that the Expand would give.
 */
export const eliminateExpands = definePass({
  name: 'eliminate-expands',
  summary: 'Remove Expands whose readers broadcast to the same shape themselves',
  effect: 'exact',
  options: {},
  run(graph, { count }) {
    for (const expand of graph.nodes()) {
      const [x] = expand.inputs;
      const [expanded] = expand.outputs;
      if (!isOp(expand, 'Expand') || !hasOneResult(expand) || x === undefined || expanded === undefined) continue;
      for (const use of [...expanded.uses]) {
        if (use.node.graph === undefined) continue;
        const reason = reasonToKeep(use, x);
        if (reason === undefined) {
          use.node.graph.setInput(use.node, use.index, x);
          count('broadcasts left to the reader');
        } else count(`kept: ${reason}`);
      }
      if (isUnused(expanded)) graph.erase(expand);
    }
  },
});

function reasonToKeep({ node, index }: Use, x: Value): string | undefined {
  if (!broadcasts(node)) return 'its reader does not broadcast';
  const shapes = node.inputs.map((value) => shapeOf(value?.type));
  const before = resultShape(node, shapes);
  const after = resultShape(node, shapes.with(index, shapeOf(x.type)));
  if (before?.includes(undefined)) return 'the shape of the result is not proven';
  return sameShape(before, after) ? undefined : 'the shape of the result is not proven to stay';
}

function broadcasts(node: Node): boolean {
  if (node.domain !== '') return false;
  // PRelu broadcasts its slope only.
  if (node.op === 'PRelu') return false;
  return node.op === 'Where' || node.op === 'MatMul' || hasTrait(node, 'binary') || hasTrait(node, 'variadic');
}

function resultShape(node: Node, shapes: readonly (Shape | undefined)[]): Shape | undefined {
  if (node.op !== 'MatMul') return broadcastShapes(shapes);
  const [a, b] = shapes;
  if (a === undefined || b === undefined || a.length < 2 || b.length < 2) return undefined;
  const batch = broadcastShapes([a.slice(0, -2), b.slice(0, -2)]);
  return batch && [...batch, a.at(-2), a.at(-1), b.at(-2), b.at(-1)];
}
