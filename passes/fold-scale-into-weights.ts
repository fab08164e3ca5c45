import type { Node } from '../src/ir/node.ts';
import type { Value } from '../src/ir/value.ts';
import { shapeOf } from '../src/ir/value-type.ts';
import { constantScalar } from '../src/rewrite/constant-numbers.ts';
import { type FoldedWeights, foldBefore, rebuildLinear } from '../src/rewrite/fold-affine.ts';
import { isGeluProduct } from '../src/rewrite/gelu-product.ts';
import { LINEAR_OPERATORS, type LinearNode, readLinear } from '../src/rewrite/linear-node.ts';
import { type ConstantValue, constant, op, v } from '../src/rewrite/pattern.ts';
import { defineRule, type Site } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

const scaled = () => op(['Mul', 'Div'], v('x'), constant('factor')).as('scale');

const scaledOperand = defineRule({
  name: 'scale-before-weights',
  match: op(LINEAR_OPERATORS, scaled()).variadic().as('layer'),
  plan: planScale,
  rewrite: ({ x }, build, { linear, folded }) => rebuildLinear(build, linear, folded, x),
});

/** One number scales before another order of axes as it does after it. */
const scaledAndTransposedOperand = defineRule({
  name: 'scale-before-transpose-and-weights',
  match: op(LINEAR_OPERATORS, op('Transpose', scaled()).as('order')).variadic().as('layer'),
  plan: (captures, site) => planScale(captures, site),
  rewrite: ({ x, order }, build, { linear, folded }) =>
    rebuildLinear(build, linear, folded, build.copy(order, { inputs: [x] }).outputs[0]!),
});

/**
 * Folds the multiplication of a layer's operand by one number into the layer's weights, as in inputs scaled by 1/255.
 * Zero padding is no obstacle: zeros scale to zeros.
 */
export const foldScaleIntoWeights = rulePass({
  name: 'fold-scale-into-weights',
  summary: 'Fold the multiplication by one number into the weights of the Conv, ConvTranspose, Gemm or MatMul after it',
  effect: 'reassociates',
  rules: [scaledOperand, scaledAndTransposedOperand],
});

interface Scaled {
  readonly x: Value;
  readonly factor: ConstantValue;
  readonly scale: Node;
  readonly layer: Node;
}

interface Fold {
  readonly linear: LinearNode;
  readonly folded: FoldedWeights;
}

function planScale({ x, factor, scale, layer }: Scaled, { opset }: Site): Fold | string {
  if (opset < 7) return 'arithmetic before opset 7 broadcasts by other rules';
  const number = constantScalar(factor);
  // One number for all channels: different ones would spread the weights of a channel and cost 8-bit accuracy.
  if (number === undefined) return 'the factor is not one number';
  if (scale.op === 'Div' && scale.inputs[1] !== factor) return 'the constant is divided, not the divisor';
  if (number === (scale.op === 'Div' ? 2 : 0.5) && isGeluProduct(x))
    return 'the factor belongs to GELU that the runtime fuses';
  const linear = readLinear(layer);
  if (typeof linear === 'string') return linear;
  if (factor.constant.dims.length > rankOf(x, layer, linear)) return 'the factor may add dimensions';
  const by = scale.op === 'Div' ? 1 / number : number;
  const affine = { scale: new Float64Array(linear.inputs).fill(by), shift: new Float64Array(linear.inputs) };
  const folded = foldBefore(linear, affine);
  return typeof folded === 'string' ? folded : { linear, folded };
}

/** Rank of what a layer reads: proven, or told by its weights; MatMul takes any. */
function rankOf(x: Value, layer: Node, linear: LinearNode): number {
  return shapeOf(x.type)?.length ?? (layer.op === 'MatMul' ? 0 : linear.weights.dims.length);
}
