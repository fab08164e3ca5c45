import { elementCount, type Tensor, tensorFromNumbers } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import type { Build } from './build.ts';
import { allFinite, roundedLike, toFloat64 } from './constant-numbers.ts';
import type { LinearNode } from './linear-node.ts';

/** `y = scale[c] * x + shift[c]`, one pair of numbers per channel `c`. */
export interface Affine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** The weights and bias of a linear node with more folded into them. */
export interface FoldedWeights {
  readonly weights: Tensor;
  readonly bias: Tensor | undefined;
}

/**
 * The weights and bias with which a linear node also does an affine map of its output channels: `w * scale` and
 * `bias * scale + shift`, computed in doubles and rounded once. A string says why not: numbers that overflow.
 */
export function foldAfter(linear: LinearNode, { scale, shift }: Affine): FoldedWeights | string {
  const weights = scaledWeights(linear, (i0, i1) => scale[linear.outputOf(i0, i1)]!);
  const bias = shift.map((number, channel) => number + (linear.bias?.[channel] ?? 0) * scale[channel]!);
  return checked(linear, weights, linear.bias === undefined && isZero(bias) ? undefined : bias);
}

/**
 * The weights and bias with which a linear node also does an affine map of its input channels. Right only where every
 * number that the node sums comes from its operand: no padding, or `shift` 0.
 */
export function foldBefore(linear: LinearNode, { scale, shift }: Affine): FoldedWeights | string {
  const weights = scaledWeights(linear, (i0, i1) => scale[linear.inputOf(i0, i1)]!);
  if (isZero(shift)) return checked(linear, weights, linear.bias);
  const bias = linear.bias?.slice() ?? new Float64Array(linear.outputs);
  const plain = toFloat64(linear.weights);
  forEachPlace(linear.weights.dims, (i0, i1, from, to) => {
    let sum = 0;
    for (let at = from; at < to; at++) sum += plain[at]!;
    const channel = linear.outputOf(i0, i1);
    bias[channel] = bias[channel]! + linear.gain * sum * shift[linear.inputOf(i0, i1)]!;
  });
  return checked(linear, weights, bias);
}

/** The linear node once more with other weights, and operand `x` in place of its own where one is given. */
export function rebuildLinear(build: Build, linear: LinearNode, folded: FoldedWeights, x?: Value): Value {
  const { node } = linear;
  const weights = build.constant(folded.weights, linear.weightsValue);
  const bias = folded.bias === undefined ? undefined : build.constant(folded.bias, linear.biasValue);
  const data = x ?? node.inputs[0];
  if (node.op !== 'MatMul') {
    const inputs = bias === undefined ? [data, weights] : [data, weights, bias];
    const attributes = node.op === 'Gemm' ? { beta: undefined } : {};
    return build.copy(node, { inputs, attributes }).outputs[0]!;
  }
  const product = build.copy(node, { inputs: [data, weights] }).outputs[0]!;
  if (bias === undefined) return product;
  const type = node.outputs[0]?.type;
  if (type !== undefined) build.graph.setType(product, type);
  return build.op('Add', [product, bias]);
}

function scaledWeights(linear: LinearNode, factor: (i0: number, i1: number) => number): Tensor {
  const scaled = toFloat64(linear.weights);
  forEachPlace(linear.weights.dims, (i0, i1, from, to) => {
    const by = factor(i0, i1);
    for (let at = from; at < to; at++) scaled[at] = scaled[at]! * by;
  });
  return roundedLike(linear.weights, scaled);
}

/** Calls `visit` with the run of elements of each pair of the first two indices. */
function forEachPlace(
  dims: readonly number[],
  visit: (i0: number, i1: number, from: number, to: number) => void,
): void {
  const [d0 = 0, d1 = 0, ...rest] = dims;
  const run = rest.reduce((product, dim) => product * dim, 1);
  for (let i0 = 0; i0 < d0; i0++) {
    for (let i1 = 0; i1 < d1; i1++) visit(i0, i1, (i0 * d1 + i1) * run, (i0 * d1 + i1 + 1) * run);
  }
}

function checked(linear: LinearNode, weights: Tensor, bias: Float64Array | undefined): FoldedWeights | string {
  const old = linear.biasValue?.constant?.dims ?? [];
  const dims = elementCount(old) === linear.outputs && old.length > 0 ? old : [linear.outputs];
  const rounded = bias && tensorFromNumbers(weights.dtype, dims, bias);
  if (!allFinite(weights) || (rounded !== undefined && !allFinite(rounded))) return 'the folded weights are not finite';
  return { weights, bias: rounded };
}

function isZero(numbers: Float64Array): boolean {
  return numbers.every((number) => number === 0);
}
