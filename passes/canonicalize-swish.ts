import { floatOf } from '../src/ir/attribute.ts';
import { scalarTensor } from '../src/ir/tensor.ts';
import { dtypeOf, shapeOf } from '../src/ir/value-type.ts';
import { broadcastsInto } from '../src/rewrite/broadcast.ts';
import { constantScalar } from '../src/rewrite/constant-numbers.ts';
import { constant, op, opIn, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

/** QuickGelu's alpha where the node gives none. */
const QUICK_GELU_ALPHA = 1.702;

const swishToSigmoid = defineRule({
  name: 'swish-to-sigmoid',
  match: op('Swish', v('x')).as('node'),
  reject: ({ x }) => (dtypeOf(x.type) === undefined ? 'the element type is not proven' : undefined),
  rewrite: ({ x, node }, build) => {
    const alpha = floatOf(node, 'alpha') ?? 1;
    const scaled =
      alpha === 1 ? x : build.op('Mul', [x, build.constant(scalarTensor(dtypeOf(x.type)!, alpha))], {}, x.type);
    return build.op('Mul', [x, build.op('Sigmoid', [scaled], {}, x.type)]);
  },
});

const quickGeluToSigmoid = defineRule({
  name: 'quick-gelu-to-sigmoid',
  match: opIn('com.microsoft', 'QuickGelu', v('x')).as('node'),
  reject: ({ x, node }) => {
    if (dtypeOf(x.type) === undefined) return 'the element type is not proven';
    return (floatOf(node, 'alpha') ?? QUICK_GELU_ALPHA) === 1 ? undefined : 'the alpha is not 1';
  },
  rewrite: ({ x }, build) => build.op('Mul', [x, build.op('Sigmoid', [x], {}, x.type)]),
});

/** `y / (1 + exp(-x))`, which is Sigmoid where y is 1 and Swish where it is x. */
const writtenOutSigmoid = defineRule({
  name: 'written-out-sigmoid',
  match: op('Div', v('numerator'), op('Add', op('Exp', op('Neg', v('x'))), constant('one'))),
  reject: ({ numerator, x, one }, { opset }) => {
    if (opset < 7) return 'arithmetic before opset 7 broadcasts by other rules';
    if (constantScalar(one) !== 1 || !broadcastsInto(one.constant.dims, shapeOf(x.type)))
      return 'the added constant is not 1';
    if (numerator === x) return undefined;
    const isOne = constantScalar(numerator) === 1 && broadcastsInto(numerator.constant!.dims, shapeOf(x.type));
    return isOne ? undefined : 'the numerator is neither 1 nor the operand of the exponential';
  },
  rewrite: ({ numerator, x }, build) => {
    const sigmoid = build.op('Sigmoid', [x], {}, x.type);
    return numerator === x ? build.op('Mul', [x, sigmoid]) : sigmoid;
  },
});

/**
 * Says Swish, also known as SiLU (Elfwing et al. 2017, arXiv:1702.03118), as `x * Sigmoid(x)`: both operators have 8-bit
 * kernels, and every opset has them.
 */
export const canonicalizeSwish = rulePass({
  name: 'canonicalize-swish',
  summary: 'Say Swish (SiLU) and written-out Sigmoid by the Sigmoid operator',
  effect: 'reassociates',
  rules: [swishToSigmoid, quickGeluToSigmoid, writtenOutSigmoid],
});
