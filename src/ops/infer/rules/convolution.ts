import type { Dim, Shape } from '../../../ir/shape.ts';
import { mulDims } from '../../dims/dim-arithmetic.ts';
import { unknownShape } from '../axis.ts';
import type { InferRule, InferRules } from '../infer-rule.ts';
import type { NodeCall } from '../node-call.ts';
import { convolvedDims, roomsOf, transposedDims, windowOf } from './spatial.ts';

/** A convolution with channels second; `x` and `w` are the places of the data and of the weights `[M, C/group, kernel]`. */
function convolution(x: number, w: number): InferRule {
  return (call) => [convolvedShape(call, call.shape(x), call.shape(w))];
}

function convolvedShape(call: NodeCall, data: Shape | undefined, weights: Shape | undefined): Shape | undefined {
  const rank = data?.length ?? weights?.length;
  if (rank === undefined || rank < 3) return undefined;
  const window = windowOf(call, rank - 2, weights?.slice(2));
  if (data === undefined || window === undefined) return [data?.[0], weights?.[0], ...unknownShape(rank - 2)];
  const spatial = data.slice(2);
  for (const room of roomsOf(spatial, window)) call.context.learnRoom(room);
  return [data[0], weights?.[0], ...convolvedDims(spatial, window)];
}

/** As `convolution` with channels last, as in `com.microsoft.NhwcConv`; the weights stay `[M, C/group, kernel]`. */
function channelsLast(x: number, w: number): InferRule {
  return (call) => {
    const data = call.shape(x);
    if (data === undefined || data.length < 3) return [undefined];
    const shape = convolvedShape(call, [data[0], data.at(-1), ...data.slice(1, -1)], call.shape(w));
    return [shape && [shape[0], ...shape.slice(2), shape[1]]];
  };
}

const transposed: InferRule = (call) => {
  const data = call.shape(0);
  const weights = call.shape(1);
  const rank = data?.length ?? weights?.length;
  if (rank === undefined || rank < 3) return [undefined];
  const channels = mulDims(weights?.[1], call.int('group') ?? 1);
  return [[data?.[0], channels, ...transposedSpatial(call, data, weights, rank - 2)]];
};

function transposedSpatial(
  call: NodeCall,
  data: Shape | undefined,
  weights: Shape | undefined,
  rank: number,
): readonly Dim[] {
  const given = call.ints('output_shape');
  if (given !== undefined && given.length > 0)
    return given.length >= rank ? given.slice(given.length - rank) : unknownShape(rank);
  const window = windowOf(call, rank, weights?.slice(2));
  if (data === undefined || window === undefined || call.has(3)) return unknownShape(rank);
  return transposedDims(data.slice(2), window, call.ints('output_padding') ?? []);
}

/** `[N, C * prod(block), L]` back to `[N, C, image]`. */
const columnsToImage: InferRule = (call) => {
  const columns = call.shape(0);
  const image = call.elements(1);
  const block = call.numbers(2);
  if (image === undefined) return [undefined];
  const blockSize = block?.reduce((a, b) => a * b, 1);
  const stacked = columns?.[1];
  const channels = typeof stacked === 'number' && blockSize ? stacked / blockSize : undefined;
  return [[columns?.[0], Number.isInteger(channels) ? channels : undefined, ...image]];
};

/** A causal convolution keeps the length; its state holds the last `kernel - 1` inputs of each channel. */
const causal: InferRule = (call) => {
  const data = call.shape(0);
  const kernel = call.shape(1)?.[2];
  const state = call.shape(3) ?? (data && typeof kernel === 'number' ? [data[0], data[1], kernel - 1] : undefined);
  return [data, state];
};

export const CONVOLUTION_RULES: InferRules = {
  Conv: convolution(0, 1),
  ConvInteger: convolution(0, 1),
  QLinearConv: convolution(0, 3),
  DeformConv: convolution(0, 1),
  ConvTranspose: transposed,
  Col2Im: columnsToImage,
  CausalConvWithState: causal,
  'com.microsoft.FusedConv': convolution(0, 1),
  'com.microsoft.ConvTransposeWithDynamicPads': transposedWithDynamicPads,
  'com.microsoft.NhwcConv': channelsLast(0, 1),
  'com.microsoft.NhwcFusedConv': channelsLast(0, 1),
  'com.microsoft.QLinearConv': (call) =>
    (call.int('channels_last') === 1 ? channelsLast(0, 3) : convolution(0, 3))(call),
};

/** Operand 2 gives the pads at run time, so that only the batch and the channels are known. */
function transposedWithDynamicPads(call: NodeCall): readonly [Shape | undefined] {
  const data = call.shape(0);
  if (data === undefined || data.length < 3) return [undefined];
  return [[data[0], mulDims(call.shape(1)?.[1], call.int('group') ?? 1), ...unknownShape(data.length - 2)]];
}
