import { copiedAttributes } from '../src/ir/copy-attribute.ts';
import { isFloat } from '../src/ir/dtype.ts';
import { roundedLike, toFloat64 } from '../src/rewrite/constant-numbers.ts';
import { constant, op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

const subtractionToAddition = defineRule({
  name: 'sub-constant-to-add',
  match: op('Sub', v('x'), constant('subtrahend')).as('sub'),
  reject: ({ x, subtrahend }) => {
    if (!isFloat(subtrahend.constant.dtype)) return 'the element type is not floating point';
    return x.constant === undefined ? undefined : 'both operands are constant';
  },
  rewrite: ({ x, subtrahend, sub }, build) => {
    const negated = roundedLike(
      subtrahend.constant,
      toFloat64(subtrahend.constant).map((number) => -number),
    );
    const inputs = [x, build.constant(negated, subtrahend)];
    return build.op('Add', inputs, copiedAttributes(sub));
  },
});

/** Turns the subtraction of a constant into an addition, which runtimes have 8-bit kernels for: `x - c = x + (-c)`, bit for bit. */
export const canonicalizeSubtraction = rulePass({
  name: 'canonicalize-subtraction',
  summary: 'Turn the subtraction of a float constant into an addition',
  effect: 'exact',
  rules: [subtractionToAddition],
});
