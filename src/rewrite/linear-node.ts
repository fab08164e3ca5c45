import { floatOf, intOf } from '../ir/attribute.ts';
import { isFloat } from '../ir/dtype.ts';
import type { Node } from '../ir/node.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { shapeOf } from '../ir/value-type.ts';
import { type ChannelAxis, channelConstant } from './channel-constant.ts';

/** The operators that are linear in their first operand and sum over its channels with weights. */
export const LINEAR_OPERATORS = ['Conv', 'ConvTranspose', 'Gemm', 'MatMul'] as const;

/**
 * A Conv, ConvTranspose, Gemm or MatMul with constant weights, seen as `y[c] = gain * sum w[c, i] * x[i] + bias[c]`.
 *
 * The weights are looked at as [d0, d1, rest]; `outputOf` and `inputOf` give the channel that such a place belongs to.
 */
export interface LinearNode {
  readonly node: Node;
  readonly weights: Tensor;
  readonly weightsValue: Value;
  /** Per output channel, Gemm's beta applied; `undefined` where the node has none. */
  readonly bias: Float64Array | undefined;
  readonly biasValue: Value | undefined;
  /** What the sum is multiplied by before the bias is added: Gemm's alpha, else 1. */
  readonly gain: number;
  readonly outputs: number;
  readonly inputs: number;
  outputOf(i0: number, i1: number): number;
  inputOf(i0: number, i1: number): number;
  /** Where the output channels lie in the result. */
  readonly result: ChannelAxis;
}

type Layout = Pick<LinearNode, 'outputs' | 'inputs' | 'outputOf' | 'inputOf' | 'result'>;

/** Reads a linear node, or says why its weights cannot be changed. */
export function readLinear(node: Node): LinearNode | string {
  const weightsValue = node.inputs[1];
  const weights = weightsValue?.constant;
  if (weightsValue === undefined || weights === undefined) return 'the weights are not constant';
  if (!isFloat(weights.dtype)) return 'the weights are not floating point';
  if (weights.dims.length < 2) return 'the weights have fewer than two dimensions';
  const layout = layoutOf(node, weights.dims);
  if (typeof layout === 'string') return layout;
  const biasValue = node.op === 'MatMul' ? undefined : node.inputs[2];
  const gain = node.op === 'Gemm' ? (floatOf(node, 'alpha') ?? 1) : 1;
  if (biasValue === undefined) return { node, weights, weightsValue, bias: undefined, biasValue, gain, ...layout };
  if (biasValue.constant === undefined) return 'the bias is not constant';
  // A Gemm broadcasts its bias; the others have one number per channel.
  const { axis, channels } = layout.result;
  const place = node.op === 'Gemm' ? layout.result : { rank: 1, axis: axis - 1, channels };
  const bias = channelConstant(biasValue.constant, place);
  if (typeof bias === 'string') return `the bias is not one number per channel: ${bias}`;
  const beta = node.op === 'Gemm' ? (floatOf(node, 'beta') ?? 1) : 1;
  return { node, weights, weightsValue, bias: bias.map((number) => number * beta), biasValue, gain, ...layout };
}

function layoutOf(node: Node, dims: readonly number[]): Layout | string {
  const d0 = dims[0]!;
  const d1 = dims[1]!;
  const group = intOf(node, 'group') ?? 1;
  switch (node.op) {
    case 'Conv': {
      const perGroup = d0 / group;
      if (group < 1 || perGroup < 1 || !Number.isInteger(perGroup)) return 'the groups do not divide the channels';
      return {
        outputs: d0,
        inputs: d1 * group,
        outputOf: (i0) => i0,
        inputOf: (i0, i1) => Math.floor(i0 / perGroup) * d1 + i1,
        result: { rank: dims.length, axis: 1, channels: d0 },
      };
    }
    case 'ConvTranspose': {
      const perGroup = d0 / group;
      if (group < 1 || perGroup < 1 || !Number.isInteger(perGroup)) return 'the groups do not divide the channels';
      return {
        outputs: d1 * group,
        inputs: d0,
        outputOf: (i0, i1) => Math.floor(i0 / perGroup) * d1 + i1,
        inputOf: (i0) => i0,
        result: { rank: dims.length, axis: 1, channels: d1 * group },
      };
    }
    case 'Gemm': {
      const transposed = intOf(node, 'transB') === 1;
      const outputs = transposed ? d0 : d1;
      return {
        outputs,
        inputs: transposed ? d1 : d0,
        outputOf: (i0, i1) => (transposed ? i0 : i1),
        inputOf: (i0, i1) => (transposed ? i1 : i0),
        result: { rank: 2, axis: 1, channels: outputs },
      };
    }
    case 'MatMul':
      if (dims.length !== 2) return 'the weights of the MatMul are not a matrix';
      return {
        outputs: d1,
        inputs: d0,
        outputOf: (_, i1) => i1,
        inputOf: (i0) => i0,
        result: { rank: shapeOf(node.outputs[0]?.type)?.length ?? 1, axis: -1, channels: d1 },
      };
    default:
      return `${node.op} has no weights`;
  }
}
