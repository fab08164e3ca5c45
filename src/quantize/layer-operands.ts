import { floatOf } from '../ir/attribute.ts';
import { isOp, type Node } from '../ir/node.ts';
import { elementCount } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { dtypeOf } from '../ir/value-type.ts';
import { weightLayoutOf } from '../ops/weight-layout.ts';
import { allFinite } from '../rewrite/constant-numbers.ts';
import type { FloatReason } from './float-reason.ts';

/** What a linear operator is made of when it runs in 8 bits. */
export interface LayerOperands {
  /** Operands that are quantized as activations: indices into the node's inputs. */
  readonly activations: readonly number[];
  /** The constant weights, with the axis of their channels; absent in a product of two activations. */
  readonly weight: { readonly index: number; readonly value: Value; readonly axis: number | undefined } | undefined;
  /** The constant bias. */
  readonly bias: { readonly index: number; readonly value: Value } | undefined;
}

/** Ranks of weights that the 8-bit convolution takes: of 1-D and 2-D images. */
const CONV_WEIGHT_RANKS = [3, 4];

/** Takes a Conv, Gemm or MatMul apart, or says why it cannot run in 8 bits. */
export function layerOperands(node: Node): LayerOperands | FloatReason {
  const layout = weightLayoutOf(node);
  const weight = layout === undefined ? undefined : node.inputs[layout.operand];
  if (layout === undefined || weight === undefined || node.inputs[0] === undefined) return 'no-int8-kernel';
  if (weight.sparse !== undefined || node.inputs[0].sparse !== undefined) return 'weight-sparse';
  if (isOp(node, 'MatMul') && weight.constant === undefined) return productOfActivations(node);
  if (weight.constant === undefined) return 'weight-not-constant';
  if (weight.constant.dtype !== 'float32') return 'weight-not-float32';
  const { dims } = weight.constant;
  if (isOp(node, 'Conv') && !CONV_WEIGHT_RANKS.includes(dims.length)) return 'weight-shape';
  if (dims.length < 2 || elementCount(dims) === 0) return 'weight-shape';
  if (node.inputs[0].constant !== undefined) return 'no-int8-operand';
  const { alpha, beta } = layerFactors(node);
  if (!allFinite(weight.constant) || !Number.isFinite(alpha * beta)) return 'weight-not-finite';
  // Batched matrices have one scale: their kernel takes none per column.
  const axis =
    isOp(node, 'MatMul') && dims.length > 2
      ? undefined
      : layout.channelAxis < 0
        ? dims.length + layout.channelAxis
        : layout.channelAxis;
  const layer = { activations: [0], weight: { index: layout.operand, value: weight, axis }, bias: undefined };
  const bias = layout.bias === undefined ? undefined : node.inputs[layout.bias];
  if (bias === undefined || layout.bias === undefined) return layer;
  if (bias.constant === undefined) return 'bias-not-constant';
  if (bias.constant.dtype !== 'float32') return 'operand-not-float32';
  if (!isChannelVector(bias.constant.dims, dims[axis ?? -1]!)) return 'bias-shape';
  if (!allFinite(bias.constant)) return 'weight-not-finite';
  return { ...layer, bias: { index: layout.bias, value: bias } };
}

/** Factors that a Gemm applies to its product and to its bias; 1 for other operators. */
export function layerFactors(node: Node): { readonly alpha: number; readonly beta: number } {
  return isOp(node, 'Gemm')
    ? { alpha: floatOf(node, 'alpha') ?? 1, beta: floatOf(node, 'beta') ?? 1 }
    : { alpha: 1, beta: 1 };
}

/** MatMul of two activations, or of a constant by an activation, which is quantized as an activation then. */
function productOfActivations(node: Node): LayerOperands | FloatReason {
  for (const value of [node.inputs[0], node.inputs[1]]) {
    const dtype = value?.constant?.dtype ?? dtypeOf(value?.type);
    if (dtype !== undefined && dtype !== 'float32') return 'operand-not-float32';
    if (value?.constant !== undefined && !allFinite(value.constant)) return 'operand-not-finite';
  }
  return { activations: [0, 1], weight: undefined, bias: undefined };
}

/** [N], [1, N], or a single number, which stands for N equal ones. */
function isChannelVector(dims: readonly number[], channels: number): boolean {
  return elementCount(dims) === 1 || (dims.at(-1) === channels && elementCount(dims) === channels);
}
