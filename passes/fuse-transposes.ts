import { int, intOf, ints, intsOf } from '../src/ir/attribute.ts';
import type { Node } from '../src/ir/node.ts';
import { soleUse } from '../src/ir/value.ts';
import { shapeOf } from '../src/ir/value-type.ts';
import { constant, op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

const transposeOfTranspose = defineRule({
  name: 'transpose-of-transpose',
  match: op('Transpose', op('Transpose', v('x')).as('first').shared()).as('second'),
  plan: ({ first, second }) => {
    const rank = rankOf(first) ?? rankOf(second);
    if (rank === undefined) return 'the rank is not proven';
    const earlier = orderOf(first, rank);
    const order = orderOf(second, rank).map((axis) => earlier[axis]);
    if (!isPermutation(order)) return 'the axes are no permutation';
    const cancels = order.every((axis, index) => axis === index);
    if (!cancels && soleUse(first.outputs[0]) === undefined) return 'the first Transpose is used elsewhere';
    return { order, cancels };
  },
  rewrite: ({ x }, build, { order, cancels }) => (cancels ? x : build.op('Transpose', [x], { perm: ints(order) })),
});

/** Entries picked along an axis between two Transposes: picked after both, which are then next to one another. */
const transposeOfGather = defineRule({
  name: 'transpose-of-gather',
  match: op('Transpose', op('Gather', op('Transpose', v('x')).as('first'), constant('indices')).as('gather')).as(
    'second',
  ),
  plan: ({ first, indices, gather, second }) => {
    const rank = rankOf(first);
    if (rank === undefined) return 'the rank is not proven';
    if (indices.constant.dims.length !== 1) return 'the Gather changes the rank';
    const order = orderOf(second, rank);
    const earlier = orderOf(first, rank);
    const given = intOf(gather, 'axis') ?? 0;
    const axis = order.indexOf(given + (given < 0 ? rank : 0));
    return { axis, composed: order.map((at) => earlier[at]!) };
  },
  rewrite: ({ x, indices }, build, { axis, composed }) => {
    const turned = build.op('Transpose', [x], { perm: ints(composed) });
    return build.op('Gather', [turned, indices], { axis: int(axis) });
  },
});

/** Makes one Transpose of two in a row, or none where the second undoes the first. */
export const fuseTransposes = rulePass({
  name: 'fuse-transposes',
  summary: 'Make one Transpose of two in a row, or none where they cancel',
  effect: 'exact',
  rules: [transposeOfTranspose, transposeOfGather],
});

function rankOf(transpose: Node): number | undefined {
  return intsOf(transpose, 'perm')?.length ?? shapeOf(transpose.inputs[0]?.type)?.length;
}

function isPermutation(order: readonly (number | undefined)[]): order is readonly number[] {
  return order.every((_, axis) => order.includes(axis));
}

/** The order of axes; without `perm` the axes are reversed. */
function orderOf(transpose: Node, rank: number): readonly number[] {
  return intsOf(transpose, 'perm') ?? Array.from({ length: rank }, (_, index) => rank - 1 - index);
}
