import { floatOf, intOf, intsOf, textOf } from '../src/ir/attribute.ts';
import type { Node } from '../src/ir/node.ts';
import { shapeOf } from '../src/ir/value-type.ts';
import { productOfDims } from '../src/ops/dims/dim-arithmetic.ts';
import { toFloat64 } from '../src/rewrite/constant-numbers.ts';
import { type Affine, foldAfter, foldBefore, rebuildLinear } from '../src/rewrite/fold-affine.ts';
import { LINEAR_OPERATORS, readLinear } from '../src/rewrite/linear-node.ts';
import { op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

const DEFAULT_EPSILON = Math.fround(1e-5);

/** BatchNormalization after a layer with weights: its scale goes into the weights, the rest into the bias. */
const foldIntoLayerBefore = defineRule({
  name: 'batch-normalization-after-weights',
  match: op('BatchNormalization', op(LINEAR_OPERATORS).variadic().as('layer')).variadic().as('normalization'),
  plan: ({ layer, normalization }, { opset }) => {
    const affine = affineOf(normalization, opset);
    if (typeof affine === 'string') return affine;
    const linear = readLinear(layer);
    if (typeof linear === 'string') return linear;
    if (layer.op === 'MatMul' && shapeOf(layer.outputs[0]?.type)?.length !== 2) {
      return 'the result of the MatMul is not proven to be a matrix';
    }
    if (affine.scale.length !== linear.outputs) return 'the normalization has another number of channels';
    const folded = foldAfter(linear, affine);
    return typeof folded === 'string' ? folded : { linear, folded };
  },
  rewrite: (_, build, { linear, folded }) => rebuildLinear(build, linear, folded),
});

/** BatchNormalization before a layer with weights; never through padding, whose zeros it would have shifted. */
const foldIntoLayerAfter = defineRule({
  name: 'batch-normalization-before-weights',
  match: op(LINEAR_OPERATORS, op('BatchNormalization', v('x')).variadic().as('normalization'))
    .variadic()
    .as('layer'),
  plan: ({ x, layer, normalization }, { opset }) => {
    const affine = affineOf(normalization, opset);
    if (typeof affine === 'string') return affine;
    const linear = readLinear(layer);
    if (typeof linear === 'string') return linear;
    if (layer.op === 'Gemm' && intOf(layer, 'transA') === 1) return 'the Gemm transposes what was normalized';
    if (layer.op === 'MatMul' && shapeOf(x.type)?.length !== 2)
      return 'what was normalized is not proven to be a matrix';
    if (layer.op === 'ConvTranspose') return 'the ConvTranspose does not sum every channel at its borders';
    if (layer.op === 'Conv' && !isUnpadded(layer) && affine.shift.some((shift) => shift !== 0))
      return 'the Conv pads with zeros';
    if (affine.scale.length !== linear.inputs) return 'the normalization has another number of channels';
    const folded = foldBefore(linear, affine);
    return typeof folded === 'string' ? folded : { linear, folded };
  },
  rewrite: ({ x }, build, { linear, folded }) => rebuildLinear(build, linear, folded, x),
});

/** The same where each row of pixels is flattened in between: every pixel of a channel is normalized alike. */
const foldIntoLayerBehindView = defineRule({
  name: 'batch-normalization-before-flattened-weights',
  match: op(
    ['Gemm', 'MatMul'],
    op(['Flatten', 'Reshape'], op('BatchNormalization', v('x')).variadic().as('normalization'))
      .variadic()
      .as('view'),
  )
    .variadic()
    .as('layer'),
  plan: ({ x, layer, view, normalization }, { opset }) => {
    const affine = affineOf(normalization, opset);
    if (typeof affine === 'string') return affine;
    const linear = readLinear(layer);
    if (typeof linear === 'string') return linear;
    if (layer.op === 'Gemm' && intOf(layer, 'transA') === 1) return 'the Gemm transposes what was normalized';
    const [, channels, ...pixels] = shapeOf(x.type) ?? [];
    const pixelCount = productOfDims(pixels);
    const rows = shapeOf(view.outputs[0]?.type);
    const whole = typeof pixelCount === 'number' && channels === affine.scale.length && pixelCount > 0;
    if (!whole || rows?.length !== 2 || rows[1] !== channels * pixelCount || rows[1] !== linear.inputs)
      return 'what was normalized is not proven to be flattened row by row';
    const spread = (numbers: Float64Array): Float64Array =>
      Float64Array.from({ length: linear.inputs }, (_, index) => numbers[Math.floor(index / pixelCount)]!);
    const folded = foldBefore(linear, { scale: spread(affine.scale), shift: spread(affine.shift) });
    return typeof folded === 'string' ? folded : { linear, folded };
  },
  rewrite: ({ x, view }, build, { linear, folded }) =>
    rebuildLinear(build, linear, folded, build.copy(view, { inputs: [x, ...view.inputs.slice(1)] }).outputs[0]!),
});

/**
 * Folds BatchNormalization at inference (Ioffe and Szegedy 2015, arXiv:1502.03167) into the weights of a Conv,
 * ConvTranspose, Gemm or MatMul next to it: `scale / sqrt(variance + epsilon)` per channel and the shift that goes
 * with it, computed in doubles.
 */
export const foldBatchNormalization = rulePass({
  name: 'fold-batch-normalization',
  summary: 'Fold BatchNormalization into the weights of the layer before or after it',
  effect: 'reassociates',
  rules: [foldIntoLayerBefore, foldIntoLayerAfter, foldIntoLayerBehindView],
});

/** The affine map that a BatchNormalization is at inference, or why it is none. */
function affineOf(node: Node, opset: number): Affine | string {
  const training = trainingReason(node, opset);
  if (training !== undefined) return training;
  if (intOf(node, 'spatial') === 0) return 'the statistics are per activation (spatial = 0)';
  const [scale, bias, mean, variance] = node.inputs
    .slice(1)
    .map((value) => value?.constant && toFloat64(value.constant));
  if (scale === undefined || bias === undefined || mean === undefined || variance === undefined) {
    return 'the statistics are not constant';
  }
  if ([bias, mean, variance].some((numbers) => numbers.length !== scale.length))
    return 'the statistics differ in length';
  const epsilon = floatOf(node, 'epsilon') ?? DEFAULT_EPSILON;
  if (variance.some((number) => !(number + epsilon > 0))) return 'a variance plus epsilon is not positive';
  const factors = scale.map((number, channel) => number / Math.sqrt(variance[channel]! + epsilon));
  return { scale: factors, shift: bias.map((number, channel) => number - mean[channel]! * factors[channel]!) };
}

/** Why the node normalizes by the batch at hand: `is_test` before opset 7, the number of results before 14, then `training_mode`. */
function trainingReason(node: Node, opset: number): string | undefined {
  if (opset < 7 && (intOf(node, 'is_test') ?? 0) === 0) return 'the normalization is in training mode';
  if (opset >= 14 && (intOf(node, 'training_mode') ?? 0) !== 0) return 'the normalization is in training mode';
  if (node.outputs.some((value, index) => index > 0 && value !== undefined))
    return 'the normalization is in training mode';
  return undefined;
}

function isUnpadded(conv: Node): boolean {
  const mode = textOf(conv, 'auto_pad') ?? 'NOTSET';
  if (mode === 'VALID') return true;
  return mode === 'NOTSET' && (intsOf(conv, 'pads') ?? []).every((pad) => pad === 0);
}
