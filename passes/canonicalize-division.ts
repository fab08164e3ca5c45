import { isFloat } from '../src/ir/dtype.ts';
import { isOp } from '../src/ir/node.ts';
import type { Tensor } from '../src/ir/tensor.ts';
import { roundedLike, toFloat64 } from '../src/rewrite/constant-numbers.ts';
import { constant, op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

const divisionToProduct = defineRule({
  name: 'div-constant-to-mul',
  match: op('Div', v('x'), constant('divisor')).as('div'),
  reject: ({ x, divisor, div }) => {
    if (!isFloat(divisor.constant.dtype)) return 'the element type is not floating point';
    if (x.constant !== undefined) return 'both operands are constant';
    if (!isInvertible(divisor.constant)) return 'the divisor has no finite, normal reciprocal';
    // ONNX Runtime recognises attention and GELU by their Div nodes, which gains more than 8 bits would.
    if (isOp(x.producer, 'MatMul') && x.producer.inputs[1]?.constant === undefined)
      return 'the Div scales attention scores';
    const feedsErf = [...div.outputs[0]!.uses].some((use) => isOp(use.node, 'Erf'));
    return feedsErf ? 'the Div belongs to a GELU' : undefined;
  },
  rewrite: ({ x, divisor, div }, build) =>
    build.op('Mul', [x, build.constant(reciprocal(divisor.constant), divisor)], Object.fromEntries(div.attributes)),
});

/** Turns the division by a constant into a multiplication, which runtimes have 8-bit kernels for. */
export const canonicalizeDivision = rulePass({
  name: 'canonicalize-division',
  summary: 'Turn the division by a float constant into a multiplication',
  effect: 'reassociates',
  rules: [divisionToProduct],
});

function reciprocal(tensor: Tensor): Tensor {
  return roundedLike(
    tensor,
    toFloat64(tensor).map((number) => 1 / number),
  );
}

/** Whether all elements and their reciprocals are finite and not 0, and taking the reciprocal twice loses at most rounding. */
function isInvertible(tensor: Tensor): boolean {
  const inverse = toFloat64(reciprocal(tensor));
  return toFloat64(tensor).every((number, index) => {
    const product = number * inverse[index]!;
    return Number.isFinite(product) && Math.abs(product - 1) <= RECIPROCAL_ERROR;
  });
}

/** Relative error of a rounded reciprocal: half a unit in the last place of bfloat16, the coarsest type; more is underflow. */
const RECIPROCAL_ERROR = 2 ** -8;
