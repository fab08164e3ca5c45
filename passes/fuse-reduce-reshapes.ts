import { int, intOf, intsOf, textOf } from '../src/ir/attribute.ts';
import { isOp, type Node } from '../src/ir/node.ts';
import { type Shape, sameShape } from '../src/ir/shape.ts';
import type { Value } from '../src/ir/value.ts';
import { dtypeOf, shapeOf } from '../src/ir/value-type.ts';
import { operatorsWith } from '../src/ops/traits.ts';
import { buildWithAxes } from '../src/rewrite/axes-operand.ts';
import type { Build } from '../src/rewrite/build.ts';
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

const GEMM_WITHOUT_BIAS_SINCE = 11;

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
  rewrite: ({ x, reduction }, build, { axes }) => withoutAxes(build, reduction, x, axes),
});

/** The last layer of many classifiers is a Conv over a map of one pixel. */
const reducedThenConvThenDropped = defineRule({
  name: 'reduce-then-conv-then-drop-axes',
  match: op(
    ['Reshape', 'Squeeze', 'Flatten'],
    op(
      'Conv',
      op([...Object.keys(POOLS), ...REDUCTIONS], v('x'))
        .variadic()
        .as('reduction'),
    )
      .variadic()
      .as('conv'),
  )
    .variadic()
    .as('drop'),
  plan: ({ x, reduction, conv, drop }, { opset }) => {
    const before = shapeOf(x.type);
    if (before === undefined) return 'the shape is not proven';
    if (opset < GEMM_WITHOUT_BIAS_SINCE && conv.inputs[2] === undefined) return 'a Gemm without a bias needs opset 11';
    if (dtypeOf(conv.outputs[0]?.type) !== 'float32') return 'the element type is not proven to be float32';
    const axes = reduction.op in POOLS ? pooledAxes(reduction, before) : reducedAxes(reduction, before.length);
    if (typeof axes === 'string') return axes;
    if (String(axes) !== String(before.map((_, axis) => axis).slice(2)))
      return 'other axes than the pixels are reduced';
    const weights = conv.inputs[1]?.constant;
    if (weights === undefined) return 'the weights are not constant';
    const [outputs = 0, inputs = 0, ...kernel] = weights.dims;
    const plain = (intsOf(conv, 'pads') ?? []).every((pad) => pad === 0) && kernel.every((size) => size === 1);
    if (!plain || inputs !== before[1]) return 'the Conv is not one of single pixels and all channels';
    const left = sameShape([before[0], outputs], shapeOf(drop.outputs[0]?.type));
    return left
      ? { axes, weights: { ...weights, dims: [outputs, inputs] } }
      : 'other axes are dropped than were reduced';
  },
  rewrite: ({ x, reduction, conv }, build, { axes, weights }) => {
    const means = withoutAxes(build, reduction, x, axes);
    const matrix = build.constant(weights, conv.inputs[1]);
    return build.op('Gemm', [means, matrix, ...conv.inputs.slice(2)], { transB: int(1) });
  },
});

/**
 * Makes one reduction of a pool or reduction that keeps its axes with size 1 and what then drops them, also where a Conv
 * stands between, which is then a Gemm.
 */
export const fuseReduceReshapes = rulePass({
  name: 'fuse-reduce-reshapes',
  summary: 'Let reductions drop their axes instead of a Reshape, Squeeze or Flatten behind them',
  effect: 'reassociates',
  rules: [reducedThenDropped, reducedThenConvThenDropped],
});

/** A pool as a reduction, or a reduction, that drops its axes. */
function withoutAxes(build: Build, reduction: Node, x: Value, axes: readonly number[]): Value {
  const name = POOLS[reduction.op];
  if (name !== undefined) return buildWithAxes(build, name, x, axes, { attributes: { keepdims: int(0) } });
  return build.copy(reduction, { attributes: { keepdims: int(0) } }).outputs[0]!;
}

function reducedAxes(reduction: Node, rank: number): readonly number[] | string {
  if (intOf(reduction, 'keepdims') === 0) return 'the reduction drops its axes already';
  const one = intOf(reduction, 'axis');
  const axes = reduction.op.startsWith('Arg') ? [one ?? 0] : integersOf(reduction, 'axes', 1);
  return (typeof axes === 'string' ? undefined : normalizedAxes(axes, rank)) ?? 'the axes are not given';
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
