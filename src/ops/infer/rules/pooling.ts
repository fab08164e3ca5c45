import type { Shape } from '../../../ir/shape.ts';
import { unknownShape } from '../axis.ts';
import type { InferRule, InferRules } from '../infer-rule.ts';
import type { NodeCall } from '../node-call.ts';
import { pooledDims, transposedDims, windowOf } from './spatial.ts';

function pooledShape(call: NodeCall, data: Shape | undefined): Shape | undefined {
  if (data === undefined || data.length < 3) return undefined;
  const window = windowOf(call, data.length - 2);
  const spatial =
    window === undefined
      ? unknownShape(data.length - 2)
      : pooledDims(data.slice(2), window, call.int('ceil_mode') === 1);
  return [data[0], data[1], ...spatial];
}

function channelsFirst(data: Shape | undefined): Shape | undefined {
  return data && data.length > 1 ? [data[0], data.at(-1), ...data.slice(1, -1)] : undefined;
}

function channelsLast(shape: Shape | undefined): Shape | undefined {
  return shape && [shape[0], ...shape.slice(2), shape[1]];
}

const pool: InferRule = (call) => call.node.outputs.map(() => pooledShape(call, call.shape(0)));

const channelsLastPool: InferRule = (call) => [channelsLast(pooledShape(call, channelsFirst(call.shape(0))))];

const globalPool: InferRule = (call) => {
  const data = call.shape(0);
  return [data && [...data.slice(0, 2), ...data.slice(2).map(() => 1)]];
};

/** The size before a max pool: given as operand 2, or the largest that pools to the operand's. */
const unpool: InferRule = (call) => {
  const data = call.shape(0);
  if (call.has(2)) return [call.elements(2)];
  if (data === undefined || data.length < 3) return [undefined];
  const window = windowOf(call, data.length - 2);
  return [
    [
      data[0],
      data[1],
      ...(window === undefined ? unknownShape(data.length - 2) : transposedDims(data.slice(2), window, [])),
    ],
  ];
};

/** One pooled patch `[channels, height, width]` per region. */
const regionPool: InferRule = (call) => {
  const [height, width] = call.ints('pooled_shape') ?? [call.int('output_height'), call.int('output_width')];
  return [[call.shape(1)?.[0], call.shape(0)?.[1], height, width]];
};

export const POOLING_RULES: InferRules = {
  AveragePool: pool,
  MaxPool: pool,
  LpPool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  GlobalLpPool: globalPool,
  MaxUnpool: unpool,
  MaxRoiPool: regionPool,
  RoiAlign: regionPool,
  'com.microsoft.NhwcMaxPool': channelsLastPool,
  'com.microsoft.MaxpoolWithMask': (call) => [pooledShape(call, call.shape(0))],
  'com.microsoft.QLinearAveragePool': (call) => (call.int('channels_last') === 1 ? channelsLastPool : pool)(call),
  'com.microsoft.QLinearGlobalAveragePool': (call) => {
    if (call.int('channels_last') !== 1) return globalPool(call);
    const data = call.shape(0);
    return [data && data.length > 1 ? [data[0], ...data.slice(1, -1).map(() => 1), data.at(-1)] : undefined];
  },
};
