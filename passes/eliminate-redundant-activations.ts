import { bitsOf, type DataType, isInteger } from '../src/ir/dtype.ts';
import { roundHalfToEven } from '../src/ir/float-formats.ts';
import type { Node } from '../src/ir/node.ts';
import type { Tensor } from '../src/ir/tensor.ts';
import { toNumbers } from '../src/ir/tensor.ts';
import { dtypeOf } from '../src/ir/value-type.ts';
import { activationBounds } from '../src/quantize/redundant-activation.ts';
import { constant, op, optional, v } from '../src/rewrite/pattern.ts';
import { rangeOf } from '../src/rewrite/range-of.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

const beforeQuantization = defineRule({
  name: 'activation-before-quantize',
  match: op(
    'QuantizeLinear',
    op(['Relu', 'Clip'], v('x')).variadic().as('activation'),
    constant('scale'),
    optional(constant('zeroPoint')),
  ).as('quantize'),
  reject: ({ x, activation, scale, zeroPoint, quantize }) => {
    const bounds = activationBounds(activation);
    const dtype = dtypeOf(quantize.outputs[0]?.type);
    if (bounds === undefined) return 'the bounds are not constant';
    if (dtypeOf(x.type) !== 'float32' || scale.constant.dtype !== 'float32') return 'the element type is not float32';
    if (dtype === undefined || !isInteger(dtype)) return 'what is quantized to is not an integer type';
    return saturates(bounds, scale.constant, zeroPoint?.constant, dtype)
      ? undefined
      : 'the quantization does not saturate where the activation cuts';
  },
  rewrite: ({ x, quantize }, build) => build.copy(quantize, { inputs: [x, ...quantize.inputs.slice(1)] }).outputs[0]!,
});

const withinItsBounds = defineRule({
  name: 'activation-within-its-bounds',
  match: op(['Relu', 'Clip'], v('x')).variadic().where(cutsNothing),
  reject: ({ x }) => (dtypeOf(x.type) === 'float32' ? undefined : 'the element type is not float32'),
  rewrite: ({ x }) => x,
});

/**
 * Removes a Relu or Clip that all it reads lies within the bounds of, and one whose result is quantized with a range that ends where the activation cuts: the saturation of
 * QuantizeLinear does the same.
 */
export const eliminateRedundantActivations = rulePass({
  name: 'eliminate-redundant-activations',
  summary: 'Remove activations that cut nothing off, or that the quantization of their result makes redundant',
  // Equal for all numbers; what becomes of NaN is nowhere said.
  effect: 'reassociates',
  rules: [beforeQuantization, withinItsBounds],
});

/** Whether all that an activation reads is known to lie within its bounds. */
function cutsNothing(activation: Node): boolean {
  const bounds = activationBounds(activation);
  const x = activation.inputs[0];
  if (bounds === undefined || x === undefined) return false;
  const { min, max } = rangeOf(x);
  return bounds.low <= min && max <= bounds.high;
}

/** Whether both bounds are quantized, in the float32 arithmetic of QuantizeLinear, to the ends of the type or beyond. */
function saturates(
  { low, high }: { readonly low: number; readonly high: number },
  scales: Tensor,
  zeroPoints: Tensor | undefined,
  dtype: DataType,
): boolean {
  const signed = dtype.startsWith('int');
  const least = signed ? -(2 ** (bitsOf(dtype) - 1)) : 0;
  const greatest = 2 ** (bitsOf(dtype) - (signed ? 1 : 0)) - 1;
  const zeros = zeroPoints === undefined ? [] : toNumbers(zeroPoints);
  return toNumbers(scales).every((scale, index) => {
    const zero = zeros[index] ?? 0;
    if (!(scale > 0)) return false;
    const quantized = (bound: number): number => roundHalfToEven(Math.fround(bound / scale)) + zero;
    return quantized(low) <= least && quantized(high) >= greatest;
  });
}
