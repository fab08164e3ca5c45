import { float } from '../src/ir/attribute.ts';
import type { Tensor } from '../src/ir/tensor.ts';
import type { Value } from '../src/ir/value.ts';
import { dtypeOf, shapeOf } from '../src/ir/value-type.ts';
import { channelConstant } from '../src/rewrite/channel-constant.ts';
import { anyOf, type ConstantValue, constant, op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';
import { combined, filled, isExactly, keptAxes, smallNumber } from '../src/rewrite/written-out-norm.ts';

const centered = op('Sub', v('x'), op('ReduceMean', v('x')).variadic().as('mean')).as('centered');
const squared = anyOf(op('Pow', centered, constant('two', isExactly(2))), op('Mul', centered, centered));
const variance = op('ReduceMean', squared).variadic().as('variance');

/** `(x - mean(x)) / sqrt(variance(x) + epsilon)` over all axes behind the channels. */
const writtenOut = defineRule({
  name: 'written-out-instance-normalization',
  match: op('Div', centered, op('Sqrt', op('Add', variance, constant('epsilon')))),
  plan: ({ x, mean, variance: spread, epsilon }): { readonly channels: number; readonly epsilon: number } | string => {
    const shape = shapeOf(x.type);
    const channels = shape?.[1];
    if (dtypeOf(x.type) !== 'float32') return 'the element type is not proven to be float32';
    // Of rank 3 it would be a layer normalization of sequences; the last axis alone always is.
    if (shape === undefined || shape.length < 4) return 'it is not of images or volumes';
    if (typeof channels !== 'number' || channels === 0) return 'the number of channels is not known';
    const spatial = Array.from({ length: shape.length - 2 }, (_, index) => index + 2);
    const axes = [keptAxes(mean, x), keptAxes(spread, x)];
    if (axes.some((one) => String(one) !== String(spatial))) return 'the axes are not all behind the channels';
    const number = smallNumber(epsilon, shape.length);
    return number === undefined ? 'the epsilon is not one small number' : { channels, epsilon: number };
  },
  rewrite: ({ x }, build, { channels, epsilon }) => {
    const [scale, bias] = [1, 0].map((number) => build.constant(filled('float32', [channels], number)));
    return build.op('InstanceNormalization', [x, scale, bias], { epsilon: float(epsilon) }, x.type);
  },
});

const norm = op('InstanceNormalization', v('x'), constant('scale'), constant('bias')).as('norm');

interface Affine {
  readonly scale: Tensor;
  readonly bias: Tensor;
}

const scaleAfter = defineRule({
  name: 'scale-into-instance-normalization',
  match: op('Mul', norm, constant('gain')),
  plan: ({ x, scale, bias, gain }): Affine | string => {
    const each = perChannel(gain, scale, x);
    if (typeof each === 'string') return each;
    const [scaled, moved] = [scale, bias].map((value) => combined(value.constant, each, (a, b) => a * b));
    if (typeof scaled !== 'object') return scaled!;
    return typeof moved !== 'object' ? moved! : { scale: scaled, bias: moved };
  },
  rewrite: ({ x, norm: node }, build, { scale, bias }) =>
    build.copy(node, { inputs: [x, build.constant(scale), build.constant(bias)] }).outputs[0]!,
});

const biasAfter = defineRule({
  name: 'bias-into-instance-normalization',
  match: op('Add', norm, constant('shift')),
  plan: ({ x, scale, bias, shift }): { readonly bias: Tensor } | string => {
    const each = perChannel(shift, scale, x);
    const moved = typeof each === 'string' ? each : combined(bias.constant, each, (a, b) => a + b);
    return typeof moved === 'string' ? moved : { bias: moved };
  },
  rewrite: ({ x, norm: node, scale }, build, { bias }) =>
    build.copy(node, { inputs: [x, scale, build.constant(bias)] }).outputs[0]!,
});

/**
 * Says instance normalization (Ulyanov et al. 2016, arXiv:1607.08022) that is written out by the InstanceNormalization
 * operator, with the scale and bias after it.
 */
export const fuseInstanceNormalization = rulePass({
  name: 'fuse-instance-normalization',
  summary: 'Say written-out instance normalization by InstanceNormalization',
  effect: 'reassociates',
  rules: [writtenOut, scaleAfter, biasAfter],
});

/** A constant after a normalization as one number per channel, or why it is not that. */
function perChannel({ constant: tensor }: ConstantValue, scale: ConstantValue, x: Value): Float64Array | string {
  const rank = shapeOf(x.type)?.length;
  if (rank === undefined) return 'the rank is not proven';
  if (tensor.dtype !== scale.constant.dtype) return 'the constant is of another type';
  return channelConstant(tensor, { rank, axis: 1, channels: scale.constant.dims[0]! });
}
