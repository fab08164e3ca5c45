import { type Attribute, intOf } from '../src/ir/attribute.ts';
import type { Node } from '../src/ir/node.ts';
import type { Shape } from '../src/ir/shape.ts';
import { int64Tensor } from '../src/ir/tensor.ts';
import { soleUse } from '../src/ir/value.ts';
import { shapeOf } from '../src/ir/value-type.ts';
import { operatorsWith } from '../src/ops/traits.ts';
import { buildWithAxes } from '../src/rewrite/axes-operand.ts';
import { constantIntegers, integersOf, normalizedAxes } from '../src/rewrite/constant-numbers.ts';
import { op, v } from '../src/rewrite/pattern.ts';
import { provesSameShape, reshapeTarget, retargeted } from '../src/rewrite/reshape-target.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';
import { transposeOrder } from '../src/rewrite/transpose-order.ts';

/** Operators that give the elements of their operand in the same order; a Transpose only sometimes does. */
const VIEWS = [...operatorsWith('view'), 'Transpose'];

/** What takes the place of two views: nothing, or one Reshape. */
type Plan =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'reshape'; readonly target: readonly number[]; readonly allowzero: Attribute | undefined };

const viewOfView = defineRule({
  name: 'view-of-view',
  match: op(VIEWS, op(VIEWS, v('x')).variadic().as('first').shared())
    .variadic()
    .as('second'),
  plan: ({ x, first, second }, { opset }): Plan | string => {
    if (opset < 5) return 'Reshape before opset 5 has no operand for its shape';
    if (!keepsOrder(first) || !keepsOrder(second)) return 'the Transpose is not proven to keep the order of elements';
    const before = shapeOf(x.type);
    const after = shapeOf(second.outputs[0]?.type);
    if (provesSameShape(before, after) || undoes(first, second)) return { kind: 'nothing' };
    if (soleUse(first.outputs[0]) === undefined) return `the ${first.op} is used elsewhere`;
    const given = second.op === 'Reshape' ? constantIntegers(second.inputs[1]) : undefined;
    const allowzero = second.attributes.get('allowzero');
    const literal = given !== undefined && (intOf(second, 'allowzero') === 1 || !given.includes(0));
    if (literal) return { kind: 'reshape', target: given, allowzero };
    const target =
      (given && retargeted(given, shapeOf(first.outputs[0]?.type), before)) ?? reshapeTarget(before, after);
    return target === undefined
      ? 'the shape cannot be said by one Reshape'
      : { kind: 'reshape', target, allowzero: undefined };
  },
  rewrite: ({ x }, build, plan) => {
    if (plan.kind === 'nothing') return x;
    return build.op('Reshape', [x, build.constant(int64Tensor(plan.target))], { allowzero: plan.allowzero });
  },
});

const unsqueezeTwice = defineRule({
  name: 'unsqueeze-twice',
  match: op('Unsqueeze', op('Unsqueeze', v('x')).variadic().as('first'))
    .variadic()
    .as('second'),
  plan: ({ x, first, second }) => {
    const rank = shapeOf(x.type)?.length;
    const inner = integersOf(first, 'axes', 1);
    const outer = integersOf(second, 'axes', 1);
    if (rank === undefined || typeof inner === 'string' || typeof outer === 'string') return 'the axes are not known';
    const between = normalizedAxes(inner, rank + inner.length);
    const added = normalizedAxes(outer, rank + inner.length + outer.length);
    if (between === undefined || added === undefined) return 'there are no such axes';
    // Where the axes of the first result lie in the second.
    const kept = Array.from({ length: rank + inner.length + outer.length }, (_, axis) => axis).filter(
      (axis) => !added.includes(axis),
    );
    const moved = between.map((axis) => kept[axis]!);
    return { axes: [...added, ...moved].sort((a, b) => a - b) };
  },
  rewrite: ({ x }, build, { axes }) => buildWithAxes(build, 'Unsqueeze', x, axes),
});

const squeezeTwice = defineRule({
  name: 'squeeze-twice',
  match: op('Squeeze', op('Squeeze', v('x')).variadic().as('first'))
    .variadic()
    .as('second'),
  plan: ({ x, first, second }) => {
    const rank = shapeOf(x.type)?.length;
    const inner = integersOf(first, 'axes', 1);
    const outer = integersOf(second, 'axes', 1);
    if (rank === undefined || typeof inner === 'string' || typeof outer === 'string') return 'the axes are not known';
    const removed = normalizedAxes(inner, rank);
    const then = normalizedAxes(outer, rank - inner.length);
    if (removed === undefined || then === undefined) return 'there are no such axes';
    const kept = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !removed.includes(axis));
    const moved = then.map((axis) => kept[axis]!);
    return { axes: [...removed, ...moved].sort((a, b) => a - b) };
  },
  rewrite: ({ x }, build, { axes }) => buildWithAxes(build, 'Squeeze', x, axes),
});

/**
 * Makes one Reshape, Squeeze or Unsqueeze of two shape changes in a row, or none where the second undoes the first. A 0
 * in the second shape copies a dimension of the first result, and is kept only where that is proven to be the same.
 */
export const fuseReshapes = rulePass({
  name: 'fuse-reshapes',
  summary: 'Make one shape change of two in a row (Reshape, Flatten, Squeeze, Unsqueeze), or none where they cancel',
  effect: 'exact',
  rules: [viewOfView, unsqueezeTwice, squeezeTwice],
});

/** Whether a Squeeze and an Unsqueeze name the same axes of the tensor between or around them. */
function undoes(first: Node, second: Node): boolean {
  const ops = `${first.op} ${second.op}`;
  if (ops !== 'Unsqueeze Squeeze' && ops !== 'Squeeze Unsqueeze') return false;
  const inner = integersOf(first, 'axes', 1);
  const outer = integersOf(second, 'axes', 1);
  if (typeof inner === 'string' || typeof outer === 'string') return false;
  const sorted = (axes: readonly number[]) => [...axes].sort((a, b) => a - b).join(',');
  return sorted(inner) === sorted(outer);
}

/** A Transpose keeps the order of elements where only axes of size 1 change places with others. */
function keepsOrder(view: Node): boolean {
  if (view.op !== 'Transpose') return true;
  const shape: Shape | undefined = shapeOf(view.inputs[0]?.type);
  if (shape === undefined) return false;
  const moving = transposeOrder(view)?.filter((axis) => shape[axis] !== 1);
  return moving?.every((axis, index) => index === 0 || axis > moving[index - 1]!) ?? false;
}
