import type { Dim, Shape } from '../../../ir/shape.ts';
import { tensorType } from '../../../ir/value-type.ts';
import { normalizeAxis, unknownShape, withDim } from '../axis.ts';
import { type InferRule, type InferRules, resultDtype } from '../infer-rule.ts';
import { dtypeOfNumber, likeFirst } from './elementwise.ts';

const gather: InferRule = (call) => {
  const data = call.shape(0);
  const indices = call.shape(1);
  if (data === undefined || indices === undefined) return [undefined];
  const axis = normalizeAxis(call.int('axis') ?? 0, data.length);
  if (axis === undefined) return [unknownShape(data.length + indices.length - 1)];
  return [[...data.slice(0, axis), ...indices, ...data.slice(axis + 1)]];
};

const gatherND: InferRule = (call) => {
  const data = call.shape(0);
  const indices = call.shape(1);
  const depth = indices?.at(-1);
  const batch = call.int('batch_dims') ?? 0;
  if (data === undefined || indices === undefined || typeof depth !== 'number' || batch + depth > data.length)
    return [undefined];
  return [[...indices.slice(0, -1), ...data.slice(batch + depth)]];
};

const compress: InferRule = (call) => {
  const given = call.int('axis');
  if (given === undefined) return [unknownShape(1)];
  const data = call.shape(0);
  const axis = data && normalizeAxis(given, data.length);
  return [data && (axis === undefined ? unknownShape(data.length) : withDim(data, axis, undefined))];
};

/** Values and indices of the `k` largest along an axis; `k` is an attribute before opset 10. */
const topK: InferRule = (call) => {
  const data = call.shape(0);
  const axis = data && normalizeAxis(call.int('axis') ?? -1, data.length);
  const k = call.since < 10 ? call.int('k') : call.scalar(1);
  const shape = data && (axis === undefined ? unknownShape(data.length) : withDim(data, axis, k));
  return [shape, shape];
};

const oneHot: InferRule = (call) => {
  const indices = call.shape(0);
  if (indices === undefined) return [undefined];
  const axis = normalizeAxis(call.int('axis') ?? -1, indices.length + 1);
  if (axis === undefined) return [unknownShape(indices.length + 1)];
  const depth = call.scalar(1);
  return [indices.toSpliced(axis, 0, typeof depth === 'number' ? Math.trunc(depth) : depth)];
};

const argExtreme: InferRule = (call) => {
  const data = call.shape(0);
  const axis = data && normalizeAxis(call.int('axis') ?? 0, data.length);
  if (data === undefined) return [undefined];
  if (call.int('keepdims') === 0) return [axis === undefined ? unknownShape(data.length - 1) : data.toSpliced(axis, 1)];
  return [axis === undefined ? unknownShape(data.length) : withDim(data, axis, 1)];
};

/** Unique elements or slices, and three vectors of indices and counts. */
const unique: InferRule = (call) => {
  const given = call.int('axis');
  const data = call.shape(0);
  if (given === undefined) return [[undefined], [undefined], [undefined], [undefined]];
  const axis = data && normalizeAxis(given, data.length);
  return [
    data && axis !== undefined ? withDim(data, axis, undefined) : undefined,
    [undefined],
    [undefined],
    [undefined],
  ];
};

const eyeLike: InferRule = (call) => {
  const dtype = dtypeOfNumber(call.int('dtype')) ?? call.dtype(0);
  return [dtype === undefined ? undefined : tensorType(dtype, call.shape(0))];
};

const likeIndices: InferRule = (call) => {
  const dtype = resultDtype(call, 0);
  return [dtype === undefined ? undefined : tensorType(dtype, call.shape(1))];
};

const nonZero: InferRule = (call) => {
  const rank: Dim = call.shape(0)?.length;
  const found: Shape = [rank === 0 ? 1 : rank, undefined];
  return [found];
};

/** Operators that read or write elements at places given by indices or by the elements themselves. */
export const GATHER_SCATTER_RULES: InferRules = {
  Gather: gather,
  GatherElements: likeIndices,
  GatherND: gatherND,
  Scatter: likeFirst,
  ScatterElements: likeFirst,
  ScatterND: likeFirst,
  TensorScatter: likeFirst,
  ReverseSequence: likeFirst,
  CumSum: likeFirst,
  CumProd: likeFirst,
  Trilu: likeFirst,
  Compress: compress,
  NonZero: nonZero,
  OneHot: oneHot,
  TopK: topK,
  ArgMax: argExtreme,
  ArgMin: argExtreme,
  Unique: unique,
  EyeLike: eyeLike,
  NonMaxSuppression: () => [[undefined, 3]],
  'com.microsoft.Trilu': likeFirst,
  'com.microsoft.GatherND': gatherND,
};
