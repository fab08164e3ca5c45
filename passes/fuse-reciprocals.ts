import { isFloat } from '../src/ir/dtype.ts';
import { type Tensor, toNumbers } from '../src/ir/tensor.ts';
import { dtypeOf, shapeOf } from '../src/ir/value-type.ts';
import { anyOf, constant, op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

const productToDivision = defineRule({
  name: 'mul-reciprocal-to-div',
  match: op('Mul', v('x'), anyOf(op('Reciprocal', v('divisor')), op('Div', constant('one', isOne), v('divisor')))).as(
    'mul',
  ),
  reject: ({ x, divisor, one }) => {
    const dtype = dtypeOf(divisor.type);
    const rank = shapeOf(divisor.type)?.length;
    if (dtype === undefined || !isFloat(dtype) || dtypeOf(x.type) !== dtype)
      return 'the type is not proven floating point';
    if (x.constant !== undefined) return 'the other factor is constant';
    return rank === undefined || (one?.constant.dims.length ?? 0) > rank ? 'the 1 may add axes' : undefined;
  },
  rewrite: ({ x, divisor }, build) => build.op('Div', [x, divisor]),
});

/**
 * Says a multiplication by a reciprocal as the division that it is: one rounding less, and the form in which runtimes
 * look for normalizations.
 */
export const fuseReciprocals = rulePass({
  name: 'fuse-reciprocals',
  summary: 'Turn the multiplication by a reciprocal into a division',
  effect: 'reassociates',
  rules: [productToDivision],
});

function isOne(tensor: Tensor): boolean {
  return isFloat(tensor.dtype) && tensor.dims.every((dim) => dim === 1) && toNumbers(tensor)[0] === 1;
}
