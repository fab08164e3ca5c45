import { int, intOf, ints } from '../src/ir/attribute.ts';
import { isOp, type Node } from '../src/ir/node.ts';
import { type Shape, sameDim } from '../src/ir/shape.ts';
import { int64Tensor } from '../src/ir/tensor.ts';
import { soleUse } from '../src/ir/value.ts';
import { shapeOf } from '../src/ir/value-type.ts';
import { productOfDims } from '../src/ops/dims/dim-arithmetic.ts';
import { normalizeAxis } from '../src/ops/infer/axis.ts';
import { operatorsWith } from '../src/ops/traits.ts';
import { buildWithAxes } from '../src/rewrite/axes-operand.ts';
import { integersOf, normalizedAxes } from '../src/rewrite/constant-numbers.ts';
import { constant, op, v } from '../src/rewrite/pattern.ts';
import { reshapeTarget } from '../src/rewrite/reshape-target.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';
import { transposeOrder, transposeRank } from '../src/rewrite/transpose-order.ts';

/** Reductions over several axes; ArgMax and ArgMin have one. */
const REDUCTIONS = operatorsWith('reduction').filter((name) => name.startsWith('Reduce'));

const transposeOfTranspose = defineRule({
  name: 'transpose-of-transpose',
  match: op('Transpose', op('Transpose', v('x')).as('first').shared()).as('second'),
  plan: ({ first, second }) => {
    const rank = transposeRank(first) ?? transposeRank(second);
    if (rank === undefined) return 'the rank is not proven';
    const earlier = transposeOrder(first, rank);
    const order = earlier && transposeOrder(second, rank)?.map((axis) => earlier[axis]!);
    if (order === undefined) return 'the axes are no permutation';
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
    const rank = transposeRank(first);
    if (rank === undefined) return 'the rank is not proven';
    if (indices.constant.dims.length !== 1) return 'the Gather changes the rank';
    const order = transposeOrder(second, rank);
    const earlier = transposeOrder(first, rank);
    const picked = normalizeAxis(intOf(gather, 'axis') ?? 0, rank);
    if (order === undefined || earlier === undefined || picked === undefined) return 'the axes are no permutation';
    if (isReadTransposed(second, order)) return 'the runtime multiplies by it as it is';
    return { axis: order.indexOf(picked), composed: order.map((at) => earlier[at]!) };
  },
  rewrite: ({ x, indices }, build, { axis, composed }) => {
    const turned = build.op('Transpose', [x], { perm: ints(composed) });
    return build.op('Gather', [turned, indices], { axis: int(axis) });
  },
});

/**
 * A Reshape between two Transposes that joins axes: the second may as well move them before they are joined, and is then
 * next to the first.
 */
const transposeOfJoined = defineRule({
  name: 'transpose-of-joined',
  match: op(
    'Transpose',
    op('Reshape', op('Transpose', v('x')).as('first'))
      .variadic()
      .as('joined'),
  ).as('second'),
  plan: ({ first, joined, second }) => {
    const between = shapeOf(joined.inputs[0]?.type);
    const after = shapeOf(joined.outputs[0]?.type);
    if (between === undefined || after === undefined) return 'the shapes are not proven';
    const earlier = transposeOrder(first, between.length);
    const order = transposeOrder(second, after.length);
    if (earlier === undefined || order === undefined) return 'the axes are no permutation';
    if (isReadTransposed(second, order)) return 'the runtime multiplies by it as it is';
    const groups = joinedAxes(between, after);
    if (groups === undefined) return 'the Reshape does not only join axes';
    const target = reshapeTarget(
      order.flatMap((axis) => groups[axis]!.map((at) => between[at])),
      order.map((axis) => after[axis]),
    );
    if (target === undefined) return 'the shape cannot be said by one Reshape';
    return { target, composed: order.flatMap((axis) => groups[axis]!.map((at) => earlier[at]!)) };
  },
  rewrite: ({ x }, build, { target, composed }) => {
    const turned = build.op('Transpose', [x], { perm: ints(composed) });
    return build.op('Reshape', [turned, build.constant(int64Tensor(target))]);
  },
});

/** A reduction does not care in which order the axes come, as long as those that are left stay in theirs. */
const reductionOfTranspose = defineRule({
  name: 'reduction-of-transpose',
  match: op(REDUCTIONS, op('Transpose', v('x')).as('transpose'))
    .variadic()
    .as('reduction'),
  plan: ({ transpose, reduction }) => {
    const order = transposeOrder(transpose);
    const axes = integersOf(reduction, 'axes', 1);
    if (order === undefined || typeof axes === 'string') return 'the axes are not known';
    const reduced = normalizedAxes(axes, order.length)?.map((axis) => order[axis]!);
    if (reduced === undefined) return 'the axes are not known';
    const left = order.filter((axis) => !reduced.includes(axis));
    if (intOf(reduction, 'keepdims') !== 0) return 'the reduction keeps its axes';
    const stays = left.every((axis, index) => index === 0 || axis > left[index - 1]!);
    return stays ? { axes: [...reduced].sort((a, b) => a - b) } : 'the axes that are left change their order';
  },
  rewrite: ({ x, reduction }, build, { axes }) =>
    buildWithAxes(build, reduction.op, x, axes, { attributes: { keepdims: int(0) } }),
});

/** Makes one Transpose of two in a row, or none where the second undoes the first, also around what may change places with them. */
export const fuseTransposes = rulePass({
  name: 'fuse-transposes',
  summary: 'Make one Transpose of two, or none where they cancel or are followed by a reduction',
  effect: 'exact',
  rules: [transposeOfTranspose, transposeOfGather, transposeOfJoined, reductionOfTranspose],
});

/** Whether a Transpose swaps the last two axes for a MatMul, which ONNX Runtime does without it. */
function isReadTransposed(transpose: Node, order: readonly number[]): boolean {
  const rank = order.length;
  const swaps = order.every((axis, at) => axis === (at < rank - 2 ? at : 2 * rank - 3 - at));
  return swaps && [...transpose.outputs[0]!.uses].some(({ node }) => isOp(node, 'MatMul'));
}

/** The axes of `between` that each axis of `after` was joined from; none where some axis was split. */
function joinedAxes(between: Shape, after: Shape): readonly (readonly number[])[] | undefined {
  let at = 0;
  const groups: (readonly number[])[] = [];
  for (const [axis, dim] of after.entries()) {
    const start = at++;
    const left = after.length - 1 - axis;
    if (at > between.length - left) return undefined;
    while (!sameDim(productOfDims(between.slice(start, at)), dim)) {
      if (++at > between.length - left) return undefined;
    }
    groups.push(Array.from({ length: at - start }, (_, index) => start + index));
  }
  // What is over can only be axes of size 1, which belong to the last.
  const over = Array.from({ length: between.length - at }, (_, index) => at + index);
  if (over.some((axis) => between[axis] !== 1)) return undefined;
  const last = groups.pop();
  return last === undefined ? undefined : [...groups, [...last, ...over]];
}
