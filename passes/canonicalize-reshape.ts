import { int64Tensor } from '../src/ir/tensor.ts';
import { shapeOf } from '../src/ir/value-type.ts';
import { op, v } from '../src/rewrite/pattern.ts';
import { reshapeTarget } from '../src/rewrite/reshape-target.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

const constantTarget = defineRule({
  name: 'reshape-by-constant',
  match: op('Reshape', v('x'), v('shape'))
    .where((node) => node.inputs[1]?.constant === undefined)
    .as('reshape'),
  plan: ({ x, reshape }) => {
    const target = reshapeTarget(shapeOf(x.type), shapeOf(reshape.outputs[0]?.type));
    return target === undefined ? 'the shape cannot be said by a constant' : { target };
  },
  rewrite: ({ x }, build, { target }) => build.op('Reshape', [x, build.constant(int64Tensor(target))]),
});

/**
 * Gives a Reshape whose shape is computed a constant one, where the proven result can be said by numbers, copied
 * dimensions and one -1. What computed the shape is then often dead.
 */
export const canonicalizeReshape = rulePass({
  name: 'canonicalize-reshape',
  summary: 'Give Reshape nodes a constant shape instead of a computed one',
  effect: 'exact',
  rules: [constantTarget],
});
