import type { Node } from '../src/ir/node.ts';
import type { Shape } from '../src/ir/shape.ts';
import type { Tensor } from '../src/ir/tensor.ts';
import { shapeOf } from '../src/ir/value-type.ts';
import { productOfDims } from '../src/ops/dims/dim-arithmetic.ts';
import { channelConstant } from '../src/rewrite/channel-constant.ts';
import { toFloat64 } from '../src/rewrite/constant-numbers.ts';
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

/** Heads in attention: the channels are seen as several axes before the constant comes. */
const viewedLayerPlusOrTimesConstant = defineRule({
  name: 'viewed-layer-add-or-mul-constant',
  match: op(
    ['Add', 'Mul'],
    op('Reshape', op(['Gemm', 'MatMul']).variadic().as('layer'), constant('target')).as('view'),
    constant('operand'),
  ),
  plan: ({ layer, view, operand }, { opset, root }): Fold | string => {
    const linear = opset < 7 ? 'arithmetic before opset 7 broadcasts by other rules' : readLinear(layer);
    if (typeof linear === 'string') return linear;
    const numbers = viewedConstant(operand.constant, shapeOf(view.outputs[0]?.type), linear.outputs);
    if (typeof numbers === 'string') return numbers;
    return foldNumbers(linear, affineOf(root, numbers, false));
  },
  rewrite: ({ view, target }, build, { linear, folded }) =>
    build.copy(view, { inputs: [rebuildLinear(build, linear, folded), target] }).outputs[0]!,
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
  rules: [layerPlusOrTimesConstant, layerMinusOrOverConstant, constantMinusLayer, viewedLayerPlusOrTimesConstant],
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
  return foldNumbers(linear, affineOf(root, numbers, root.inputs[0] === operand));
}

function foldNumbers(linear: LinearNode, affine: Affine): Fold | string {
  // A MatMul has no place for a bias; with the Add after it it may become a Gemm.
  if (linear.node.op === 'MatMul' && affine.shift.some((shift) => shift !== 0)) return 'a MatMul has no bias';
  const folded = foldAfter(linear, affine);
  return typeof folded === 'string' ? folded : { linear, folded };
}

/** The number that a constant has for each channel where these are seen as the last axes of `view`; or why it has none. */
function viewedConstant(tensor: Tensor, view: Shape | undefined, channels: number): Float64Array | string {
  const from = view?.findLastIndex((_, axis) => productOfDims(view.slice(axis)) === channels) ?? -1;
  if (view === undefined || from < 0) return 'the channels are not proven to stay together';
  if (tensor.dims.length > view.length) return 'the constant has more dimensions than the result';
  const axes = view.slice(from) as readonly number[];
  const dims = [...new Array<number>(view.length - tensor.dims.length).fill(1), ...tensor.dims];
  if (dims.slice(0, from).some((dim) => dim !== 1)) return 'the constant varies along an axis that is not the channels';
  const own = dims.slice(from);
  if (own.some((dim, axis) => dim !== 1 && dim !== axes[axis])) return 'the constant widens the channels';
  const elements = toFloat64(tensor);
  return Float64Array.from({ length: channels }, (_, channel) => {
    let rest = channel;
    let at = 0;
    let step = 1;
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      if (own[axis] !== 1) at += (rest % axes[axis]!) * step;
      step *= own[axis]!;
      rest = Math.floor(rest / axes[axis]!);
    }
    return elements[at]!;
  });
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
