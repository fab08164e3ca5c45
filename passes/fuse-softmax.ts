import { int } from '../src/ir/attribute.ts';
import type { Node } from '../src/ir/node.ts';
import type { Value } from '../src/ir/value.ts';
import { dtypeOf, shapeOf } from '../src/ir/value-type.ts';
import { op, v } from '../src/rewrite/pattern.ts';
import { defineRule, type Site } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';
import { keptAxes } from '../src/rewrite/written-out-norm.ts';

/** From here on Softmax works along one axis; before, over all axes from `axis` on. */
const ONE_AXIS_SINCE = 13;

const shifted = op('Sub', v('x'), op('ReduceMax', v('x')).variadic().as('max')).as('shifted');
const exponential = op('Exp', shifted).as('exponential');
const sum = op('ReduceSum', exponential).variadic().as('sum');

/** `exp(x - max(x)) / sum(exp(x - max(x)))`. Without the maximum it overflows where Softmax does not, and is left alone. */
const writtenOutSoftmax = defineRule({
  name: 'written-out-softmax',
  match: op('Div', exponential, sum),
  plan: axisOf,
  rewrite: ({ x }, build, { axis }) => build.op('Softmax', [x], { axis: int(axis) }, x.type),
});

/** `(x - max(x)) - log(sum(exp(x - max(x))))` */
const writtenOutLogSoftmax = defineRule({
  name: 'written-out-log-softmax',
  match: op('Sub', shifted, op('Log', sum)),
  plan: axisOf,
  rewrite: ({ x }, build, { axis }) => build.op('LogSoftmax', [x], { axis: int(axis) }, x.type),
});

/** Says Softmax and LogSoftmax that are written out, with the maximum taken off before, by the operators. */
export const fuseSoftmax = rulePass({
  name: 'fuse-softmax',
  summary: 'Say written-out Softmax and LogSoftmax by the operators',
  effect: 'reassociates',
  rules: [writtenOutSoftmax, writtenOutLogSoftmax],
});

interface Reductions {
  readonly x: Value;
  readonly max: Node;
  readonly sum: Node;
}

function axisOf({ x, max, sum: total }: Reductions, { opset }: Site): { readonly axis: number } | string {
  const dtype = dtypeOf(x.type);
  if (dtype !== 'float32' && dtype !== 'float64') return 'the element type is not proven to be float32 or float64';
  const [first, second] = [keptAxes(max, x), keptAxes(total, x)];
  if (typeof first === 'string') return first;
  if (typeof second === 'string') return second;
  const [axis] = first;
  if (axis === undefined || first.length !== 1 || String(first) !== String(second))
    return 'the reductions do not run over one same axis';
  const rank = shapeOf(x.type)!.length;
  if (opset < ONE_AXIS_SINCE && axis !== rank - 1) return 'Softmax before opset 13 is not along one axis';
  return { axis };
}
