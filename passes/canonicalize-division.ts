import { copiedAttributes } from '../src/ir/copy-attribute.ts';
import type { DataType } from '../src/ir/dtype.ts';
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
    const { dtype } = divisor.constant;
    if (dtype !== 'float32' && dtype !== 'float64') return 'the element type is not float32 or float64';
    if (x.constant !== undefined) return 'both operands are constant';
    if (!isInvertible(divisor.constant)) return 'the divisor has no finite, normal reciprocal';
    // ONNX Runtime recognises attention and GELU by their Div nodes, which gains more than 8 bits would.
    if (isOp(x.producer, 'MatMul') && x.producer.inputs[1]?.constant === undefined)
      return 'the Div scales attention scores';
    const feedsErf = [...div.outputs[0]!.uses].some((use) => isOp(use.node, 'Erf'));
    return feedsErf ? 'the Div belongs to a GELU' : undefined;
  },
  rewrite: ({ x, divisor, div }, build) =>
    build.op('Mul', [x, build.constant(reciprocal(divisor.constant), divisor)], copiedAttributes(div)),
});

/**
 * Turns the division by a constant into a multiplication, which runtimes have 8-bit kernels for in the place of float32.
 * In 16 bits the rounding of the reciprocal would show.
 */
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

/** The smallest normal number of each type; below it some of them compute with zeros. */
const SMALLEST_NORMAL: Partial<Record<DataType, number>> = {
  float32: 2 ** -126,
  float64: 2 ** -1022,
};

/** Whether the reciprocals of all elements are normal numbers, so that only their rounding is lost. */
function isInvertible(tensor: Tensor): boolean {
  const smallest = SMALLEST_NORMAL[tensor.dtype] ?? Number.POSITIVE_INFINITY;
  return toFloat64(reciprocal(tensor)).every((inverse) => Number.isFinite(inverse) && Math.abs(inverse) >= smallest);
}
