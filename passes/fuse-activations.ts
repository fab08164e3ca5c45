import { float, floatOf } from '../src/ir/attribute.ts';
import type { Value } from '../src/ir/value.ts';
import { dtypeOf, shapeOf } from '../src/ir/value-type.ts';
import { broadcastsInto } from '../src/rewrite/broadcast.ts';
import { constantScalar } from '../src/rewrite/constant-numbers.ts';
import { constant, op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';
import { dividedCutToHardSigmoid, dividedProductToHardSigmoid } from './canonicalize-hard-swish.ts';

/** HardSigmoid as HardSwish has it, whose slope is rounded to 16 bits at worst. */
const SLOPE = 1 / 6;
const SLOPE_TOLERANCE = 1e-4;

const hardSwish = defineRule({
  name: 'hard-sigmoid-product-to-hard-swish',
  since: 14,
  match: op('Mul', v('x'), op('HardSigmoid', v('x')).as('sigmoid')),
  reject: ({ x, sigmoid }) => {
    const alpha = floatOf(sigmoid, 'alpha') ?? 0.2;
    if (Math.abs(alpha - SLOPE) > SLOPE_TOLERANCE || (floatOf(sigmoid, 'beta') ?? 0.5) !== 0.5)
      return 'the HardSigmoid is not that of HardSwish';
    return typeReason(x);
  },
  rewrite: ({ x }, build) => build.op('HardSwish', [x], {}, x.type),
});

/** Mish (Misra 2019, arXiv:1908.08681). */
const mish = defineRule({
  name: 'mish',
  since: 18,
  match: op('Mul', v('x'), op('Tanh', op('Softplus', v('x')))),
  reject: ({ x }) => typeReason(x),
  rewrite: ({ x }, build) => build.op('Mish', [x], {}, x.type),
});

/** `max(x, slope * x)` with a slope from 0 to 1. */
const leakyRelu = defineRule({
  name: 'max-with-slope-to-leaky-relu',
  match: op('Max', v('x'), op('Mul', v('x'), constant('slope'))),
  reject: ({ x, slope }, { opset }) => {
    const number = constantScalar(slope);
    if (opset < 8) return 'Max before opset 8 does not broadcast';
    if (number === undefined || !(number >= 0 && number <= 1)) return 'the slope is not one number from 0 to 1';
    if (!broadcastsInto(slope.constant.dims, shapeOf(x.type))) return 'the constant may widen the result';
    return typeReason(x);
  },
  rewrite: ({ x, slope }, build) => build.op('LeakyRelu', [x], { alpha: float(constantScalar(slope)!) }, x.type),
});

/** Says HardSwish, HardSigmoid, Mish and LeakyRelu that are written out by the operators. */
export const fuseActivations = rulePass({
  name: 'fuse-activations',
  summary: 'Say written-out HardSwish, HardSigmoid, Mish and LeakyRelu by the operators',
  effect: 'reassociates',
  rules: [dividedProductToHardSigmoid, dividedCutToHardSigmoid, hardSwish, mish, leakyRelu],
});

function typeReason(x: Value): string | undefined {
  const dtype = dtypeOf(x.type);
  return dtype === 'float32' || dtype === 'float16'
    ? undefined
    : 'the element type is not proven to be float32 or float16';
}
