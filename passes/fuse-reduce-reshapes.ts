import { int, intOf, intsOf, textOf } from '../src/ir/attribute.ts';
import { isOp, type Node } from '../src/ir/node.ts';
import { type Shape, sameShape } from '../src/ir/shape.ts';
import { dtypeOf, shapeOf } from '../src/ir/value-type.ts';
import { operatorsWith } from '../src/ops/traits.ts';
import { buildWithAxes } from '../src/rewrite/axes-operand.ts';
import { integersOf, normalizedAxes } from '../src/rewrite/constant-numbers.ts';
import { op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

/** Pools that are a reduction where they take all of each channel. */
const POOLS: Readonly<Record<string, string>> = {
  GlobalAveragePool: 'ReduceMean',
  GlobalMaxPool: 'ReduceMax',
  AveragePool: 'ReduceMean',
};

const REDUCTIONS = operatorsWith('reduction').filter((name) => !name.includes('.'));

const reducedThenDropped = defineRule({
  name: 'reduce-then-drop-axes',
  match: op(
    ['Reshape', 'Squeeze', 'Flatten'],
    op([...Object.keys(POOLS), ...REDUCTIONS], v('x'))
      .variadic()
      .as('reduction'),
  )
    .variadic()
    .as('drop'),
  plan: ({ x, reduction, drop }) => {
    const before = shapeOf(x.type);
    if (before === undefined) return 'the shape is not proven';
    // ONNX Runtime pools 8-bit tensors as they are, and has no such reductions.
    if (isOp(x.producer, 'DequantizeLinear')) return 'the operand is quantized';
    const axes = reduction.op in POOLS ? pooledAxes(reduction, before) : reducedAxes(reduction, before.length);
    if (typeof axes === 'string') return axes;
    const left = before.filter((_, axis) => !axes.includes(axis));
    if (!sameShape(left, shapeOf(drop.outputs[0]?.type))) return 'other axes are dropped than were reduced';
    return { axes };
  },
  rewrite: ({ x, reduction }, build, { axes }) => {
    const name = POOLS[reduction.op];
    if (name !== undefined) return buildWithAxes(build, name, x, axes, { attributes: { keepdims: int(0) } });
    return build.copy(reduction, { attributes: { keepdims: int(0) } }).outputs[0]!;
  },
});

/** Makes one reduction of a pool or reduction that keeps its axes with size 1 and what then drops them. */
export const fuseReduceReshapes = rulePass({
  name: 'fuse-reduce-reshapes',
  summary: 'Let reductions drop their axes instead of a Reshape, Squeeze or Flatten behind them',
  effect: 'reassociates',
  rules: [reducedThenDropped],
});

function reducedAxes(reduction: Node, rank: number): readonly number[] | string {
  if (intOf(reduction, 'keepdims') === 0) return 'the reduction drops its axes already';
  const one = intOf(reduction, 'axis');
  if (reduction.op.startsWith('Arg')) return [(one ?? 0) + ((one ?? 0) < 0 ? rank : 0)];
  const axes = integersOf(reduction, 'axes', 1);
  return typeof axes === 'string' ? 'the axes are not given' : normalizedAxes(axes, rank);
}

/** The axes of height and width, if a pool takes all of them. */
function pooledAxes(pool: Node, shape: Shape): readonly number[] | string {
  const dtype = dtypeOf(pool.inputs[0]?.type);
  if (dtype !== 'float32' && dtype !== 'float64') return 'the runtime has no such reduction for the element type';
  if (pool.outputs.length > 1 || shape.length < 3) return 'the pool has another form';
  const axes = shape.map((_, axis) => axis).slice(2);
  if (pool.op !== 'AveragePool') return axes;
  const mode = textOf(pool, 'auto_pad') ?? 'NOTSET';
  const padded = (intsOf(pool, 'pads') ?? []).some((pad) => pad !== 0) || (mode !== 'NOTSET' && mode !== 'VALID');
  const spread = (intsOf(pool, 'dilations') ?? []).some((step) => step !== 1);
  const all = sameShape(intsOf(pool, 'kernel_shape'), shape.slice(2));
  return all && !padded && !spread ? axes : 'the pool does not take everything at once';
}
