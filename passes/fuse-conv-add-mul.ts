import type { Node } from '../src/ir/node.ts';
import { channelConstant } from '../src/rewrite/channel-constant.ts';
import { type Affine, type FoldedWeights, foldAfter, rebuildLinear } from '../src/rewrite/fold-affine.ts';
import { LINEAR_OPERATORS, type LinearNode, readLinear } from '../src/rewrite/linear-node.ts';
import { type ConstantValue, constant, op } from '../src/rewrite/pattern.ts';
import { defineRule, type Site } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

const layer = () => op(LINEAR_OPERATORS).variadic().as('layer');

const layerPlusOrTimesConstant = defineRule({
  name: 'layer-add-or-mul-constant',
  match: op(['Add', 'Mul'], layer(), constant('operand')),
  plan: planFold,
  rewrite: (_, build, { linear, folded }) => rebuildLinear(build, linear, folded),
});

const layerMinusOrOverConstant = defineRule({
  name: 'layer-sub-or-div-constant',
  match: op(['Sub', 'Div'], layer(), constant('operand')),
  plan: planFold,
  rewrite: (_, build, { linear, folded }) => rebuildLinear(build, linear, folded),
});

const constantMinusLayer = defineRule({
  name: 'constant-sub-layer',
  match: op('Sub', constant('operand'), layer()),
  plan: planFold,
  rewrite: (_, build, { linear, folded }) => rebuildLinear(build, linear, folded),
});

/**
 * Folds the arithmetic after a layer into its weights and bias, where the other operand is a constant with one number
 * for all channels or one for each. A constant of the same length that lies along the width or height is not that.
 */
export const fuseConvAddMul = rulePass({
  name: 'fuse-conv-add-mul',
  summary:
    'Fold Add, Sub, Mul and Div by per-channel constants into the Conv, ConvTranspose, Gemm or MatMul before them',
  effect: 'reassociates',
  rules: [layerPlusOrTimesConstant, layerMinusOrOverConstant, constantMinusLayer],
});

interface Fold {
  readonly linear: LinearNode;
  readonly folded: FoldedWeights;
}

function planFold({ layer, operand }: { layer: Node; operand: ConstantValue }, { opset, root }: Site): Fold | string {
  if (opset < 7) return 'arithmetic before opset 7 broadcasts by other rules';
  const linear = readLinear(layer);
  if (typeof linear === 'string') return linear;
  const numbers = channelConstant(operand.constant, linear.result);
  if (typeof numbers === 'string') return numbers;
  const affine = affineOf(root, numbers, root.inputs[0] === operand);
  // A MatMul has no place for a bias; with the Add after it it may become a Gemm.
  if (layer.op === 'MatMul' && affine.shift.some((shift) => shift !== 0)) return 'a MatMul has no bias';
  const folded = foldAfter(linear, affine);
  return typeof folded === 'string' ? folded : { linear, folded };
}

function affineOf(root: Node, numbers: Float64Array, constantFirst: boolean): Affine {
  const ones = numbers.map(() => 1);
  const zeros = numbers.map(() => 0);
  switch (root.op) {
    case 'Mul':
      return { scale: numbers, shift: zeros };
    case 'Div':
      return { scale: numbers.map((number) => 1 / number), shift: zeros };
    case 'Sub':
      return constantFirst
        ? { scale: ones.map(() => -1), shift: numbers }
        : { scale: ones, shift: numbers.map((number) => -number) };
    default:
      return { scale: ones, shift: numbers };
  }
}
