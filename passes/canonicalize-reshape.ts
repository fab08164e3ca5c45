import { intOf } from '../src/ir/attribute.ts';
import type { Node } from '../src/ir/node.ts';
import type { Dim, Shape } from '../src/ir/shape.ts';
import { int64Tensor } from '../src/ir/tensor.ts';
import type { Value } from '../src/ir/value.ts';
import { shapeOf } from '../src/ir/value-type.ts';
import { graphsWithin } from '../src/ir/walk.ts';
import { inferModel } from '../src/ops/infer/infer-graph.ts';
import type { SymbolicValue } from '../src/ops/infer/symbolic-value.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { applyRules } from '../src/rewrite/apply-rules.ts';
import { op, v } from '../src/rewrite/pattern.ts';
import { reshapeTarget } from '../src/rewrite/reshape-target.ts';
import { defineRule } from '../src/rewrite/rule.ts';

/**
 * Gives a Reshape whose shape is computed a constant one, where it can be said by numbers, copied dimensions and one -1.
 * What computed the shape is then often dead.
 */
export const canonicalizeReshape = definePass({
  name: 'canonicalize-reshape',
  summary: 'Give Reshape nodes a constant shape instead of a computed one',
  effect: 'exact',
  options: {},
  scope: 'model',
  run(_, context) {
    const facts = inferModel(context.model);
    for (const graph of graphsWithin(context.model.graph)) applyRules(graph, [constantShape(facts)], context);
  },
});

const constantShape = (facts: ReadonlyMap<Value, SymbolicValue>) =>
  defineRule({
    name: 'reshape-by-constant',
    match: op('Reshape', v('x'), v('shape'))
      .where((node) => node.inputs[1]?.constant === undefined)
      .as('reshape'),
    plan: ({ x, shape, reshape }) => {
      const before = shapeOf(x.type);
      const after = shapeOf(reshape.outputs[0]?.type);
      const target = reshapeTarget(before, after) ?? targetOf(reshape, facts.get(shape)?.elements, before);
      return target === undefined ? 'the shape cannot be said by a constant' : { target };
    },
    rewrite: ({ x }, build, { target }) => build.op('Reshape', [x, build.constant(int64Tensor(target))]),
  });

/**
 * The computed shape element by element: numbers as they are, also -1 and a 0 that copies, and 0 where it is the
 * dimension in the same place of the operand. Beside a -1 that fails for tensors without elements, as it did before.
 */
function targetOf(
  reshape: Node,
  elements: readonly Dim[] | undefined,
  before: Shape | undefined,
): readonly number[] | undefined {
  if (elements === undefined || intOf(reshape, 'allowzero') === 1) return undefined;
  const target = elements.map((element, index) => {
    // The operand of a damaged file may hold fractions.
    if (typeof element === 'number') return Number.isSafeInteger(element) ? element : undefined;
    return element !== undefined && element === before?.[index] ? 0 : undefined;
  });
  return target.every((dim) => dim !== undefined) ? target : undefined;
}
