import { broadcastShapes } from '../broadcast.ts';
import type { InferRules } from '../infer-rule.ts';
import { firstLikeFirst, likeFirst } from './elementwise.ts';

const LIKE_FIRST =
  'Gelu FastGelu BiasGelu QuickGelu BiasAdd GatedRMSNorm QOrderedGelu QuantizeWithOrder DequantizeWithOrder'.split(' ');

/** Operators of com.microsoft that belong to no family of ai.onnx. */
export const MICROSOFT_RULES: InferRules = {
  ...Object.fromEntries(LIKE_FIRST.map((op) => [`com.microsoft.${op}`, firstLikeFirst])),
  'com.microsoft.BiasDropout': likeFirst,
  'com.microsoft.BiasSplitGelu': (call) => {
    const data = call.shape(0);
    const width = data?.at(-1);
    return [data && [...data.slice(0, -1), typeof width === 'number' ? width / 2 : undefined]];
  },
  'com.microsoft.ComplexMul': (call) => [broadcastShapes([call.shape(0), call.shape(1)])],
  'com.microsoft.ComplexMulConj': (call) => [broadcastShapes([call.shape(0), call.shape(1)])],
  'com.microsoft.Inverse': firstLikeFirst,
  'com.microsoft.IsAllFinite': () => [[]],
};
