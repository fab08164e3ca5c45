import type { Shape } from '../../../ir/shape.ts';
import { tensorType } from '../../../ir/value-type.ts';
import { normalizeAxis } from '../axis.ts';
import type { InferRule, InferRules } from '../infer-rule.ts';
import { dtypeOfNumber, firstLikeFirst, likeFirst } from './elementwise.ts';

/** The normalized data; further results are statistics of the size of the channels. */
const batchNormalization: InferRule = (call) => {
  const data = call.shape(0);
  const channels = call.shape(3) ?? (data && data.length > 1 ? [data[1]] : undefined);
  return call.node.outputs.map((_, i) => (i === 0 ? data : channels));
};

/**
 * The normalized data; mean and deviation keep the rank, with 1 for the axes from `axis` on, in the type that
 * `stash_type` says from opset 17 on.
 */
const layerNormalization: InferRule = (call) => {
  const data = call.shape(0);
  const dtype = call.since >= 17 ? dtypeOfNumber(call.int('stash_type')) : undefined;
  const statistics = dtype && tensorType(dtype, statisticsShape(data, call.int('axis') ?? -1));
  return call.node.outputs.map((_, i) => (i === 0 ? data : statistics));
};

function statisticsShape(data: Shape | undefined, axis: number): Shape | undefined {
  const first = data && normalizeAxis(axis, data.length);
  return data && first !== undefined ? data.map((dim, i) => (i < first ? dim : 1)) : undefined;
}

/** A sum of operands, normalized over the last axis; the last result is the sum. */
const skipLayerNormalization: InferRule = (call) => {
  const data = call.shape(0);
  const statistics = statisticsShape(data, -1);
  return call.node.outputs.map((_, i) => (i === 0 || i === 3 ? data : statistics));
};

/** Word, position and segment embeddings `[batch, sequence, hidden]` summed and normalized. */
const embedLayerNormalization: InferRule = (call) => {
  const ids = call.shape(0);
  const words = call.shape(2);
  const hidden = ids && words && [...ids, words.at(-1)];
  return [hidden, ids && [ids[0]], hidden];
};

export const NORMALIZATION_RULES: InferRules = {
  BatchNormalization: batchNormalization,
  InstanceNormalization: firstLikeFirst,
  GroupNormalization: firstLikeFirst,
  LpNormalization: firstLikeFirst,
  MeanVarianceNormalization: firstLikeFirst,
  LRN: firstLikeFirst,
  Softmax: firstLikeFirst,
  LogSoftmax: firstLikeFirst,
  Hardmax: firstLikeFirst,
  RMSNormalization: firstLikeFirst,
  LayerNormalization: layerNormalization,
  SimplifiedLayerNormalization: layerNormalization,
  'com.microsoft.SkipLayerNormalization': skipLayerNormalization,
  'com.microsoft.SkipSimplifiedLayerNormalization': skipLayerNormalization,
  'com.microsoft.EmbedLayerNormalization': embedLayerNormalization,
  'com.microsoft.GroupNorm': firstLikeFirst,
  'com.microsoft.SkipGroupNorm': likeFirst,
  'com.microsoft.BiasSoftmax': firstLikeFirst,
  'com.microsoft.QLinearSoftmax': firstLikeFirst,
};
