import { floatOf, intOf, intsOf } from '../../../ir/attribute.ts';
import { elements } from '../../../ir/tensor.ts';
import type { TfTensor } from '../tflite/tf-graph.ts';
import { reshape } from './broadcast-rank.ts';
import type { Legalization, LegalizationTable, LegalizeCall } from './legalization.ts';

/** (x - mean) / sqrt(variance + epsilon) over axes in memory. */
function normalized(call: LegalizeCall, x: TfTensor, axes: readonly number[], epsilon: number): TfTensor {
  return standardized(call, x, axes, epsilon).result;
}

/** A standardized tensor and what it was standardized by. */
interface Standardized {
  readonly result: TfTensor;
  readonly mean: TfTensor;
  /** One over the standard deviation. */
  readonly scale: TfTensor;
}

function standardized(call: LegalizeCall, x: TfTensor, axes: readonly number[], epsilon: number): Standardized {
  const kept = x.shape.map((dim, k) => (axes.includes(k) ? 1 : dim));
  const mean = meanOver(call, x, axes);
  const centred = call.emit('SUB', [x, mean], { shape: x.shape });
  const squares = call.emit('MUL', [centred, centred], { shape: x.shape });
  const variance = meanOver(call, squares, axes);
  const scale = call.emit('RSQRT', [call.emit('ADD', [variance, call.scalar(epsilon)], { shape: kept })], {
    shape: kept,
  });
  return { result: call.emit('MUL', [centred, scale], { shape: x.shape }), mean, scale };
}

/** The mean over axes one after the other: sums of hundreds of thousands of float32 lose four digits, shorter ones do not. */
function meanOver(call: LegalizeCall, x: TfTensor, axes: readonly number[]): TfTensor {
  let result = x;
  for (const axis of [...axes].reverse()) {
    const shape = result.shape.map((dim, k) => (k === axis ? 1 : dim));
    result = call.emit('MEAN', [result, call.integers([axis])], { shape, options: { keep_dims: true } });
  }
  return result;
}

/** One number per channel, in the shape that broadcasts along axis `at` of memory. */
function perChannel(call: LegalizeCall, index: number, at: number, label: string): TfTensor {
  const constant = call.constant(index);
  const shape = call.order.map((_, k) => (k === at ? call.shape(index)[0]! : 1));
  if (constant === undefined) return reshape(call, call.input(index), shape);
  if (constant.dtype !== 'float32') {
    call.refuse({ code: 'device-type', message: `operand ${index} of ${call.node.op} in ${constant.dtype}` });
  }
  return call.floats(elements(constant) as Float32Array, shape, label);
}

const batchNormalization: Legalization = (call) => {
  const epsilon = floatOf(call.node, 'epsilon') ?? 1e-5;
  if (intOf(call.node, 'training_mode') === 1) {
    call.refuse({ code: 'device-operator-form', message: 'BatchNormalization in training' });
  }
  if ([1, 2, 3, 4].some((index) => call.constant(index) === undefined)) return computedBatchNorm(call, epsilon);
  const [scale, shift, mean, variance] = [1, 2, 3, 4].map((index) => call.numbers(index, 'the statistics'));
  const factor = scale!.map((value, k) => value / Math.sqrt(variance![k]! + epsilon));
  const offset = shift!.map((value, k) => value - mean![k]! * factor[k]!);
  const shape = call.order.map((axis) => (axis === 1 ? factor.length : 1));
  const scaled = call.emit('MUL', [call.input(0), call.floats(factor, shape, 'factor')]);
  call.finish('ADD', [scaled, call.floats(offset, shape, 'offset')]);
};

/** With statistics that are computed while the model runs. */
function computedBatchNorm(call: LegalizeCall, epsilon: number): void {
  const at = call.axis(1);
  const [scale, shift, mean, variance] = [1, 2, 3, 4].map((index) => perChannel(call, index, at, `operand${index}`));
  const { shape } = variance!;
  const deviation = call.emit('RSQRT', [call.emit('ADD', [variance!, call.scalar(epsilon)], { shape })], { shape });
  const centred = call.emit('SUB', [call.input(0), mean!]);
  call.finish('ADD', [call.emit('MUL', [centred, call.emit('MUL', [deviation, scale!], { shape })]), shift!]);
}

const instanceNormalization: Legalization = (call) => {
  const rank = call.order.length;
  const axes = Array.from({ length: rank - 2 }, (_, k) => call.axis(k + 2)).sort((a, b) => a - b);
  const at = call.axis(1);
  const x = normalized(call, call.input(0), axes, floatOf(call.node, 'epsilon') ?? 1e-5);
  const scaled = call.emit('MUL', [x, perChannel(call, 1, at, 'scale')]);
  call.finish('ADD', [scaled, perChannel(call, 2, at, 'shift')]);
};

const layerNormalization: Legalization = (call) => {
  const rank = call.order.length;
  const first = intOf(call.node, 'axis') ?? -1;
  const axes = Array.from({ length: rank }, (_, k) => k).slice(first);
  const { result, mean, scale } = standardized(call, call.input(0), axes, floatOf(call.node, 'epsilon') ?? 1e-5);
  const scaled = call.emit('MUL', [result, call.broadcast(1)]);
  call.bind(call.has(2) ? call.emit('ADD', [scaled, call.broadcast(2)]) : scaled);
  if (call.node.outputs[1] !== undefined) call.bind(mean, 1);
  if (call.node.outputs[2] !== undefined) call.bind(scale, 2);
};

/** x / sqrt(mean of squares + epsilon) * scale */
const rmsNormalization: Legalization = (call) => {
  const rank = call.order.length;
  const axes = Array.from({ length: rank }, (_, k) => k).slice(intOf(call.node, 'axis') ?? -1);
  const x = call.input(0);
  const shape = x.shape.map((dim, k) => (axes.includes(k) ? 1 : dim));
  const power = meanOver(call, call.emit('MUL', [x, x]), axes);
  const epsilon = call.scalar(floatOf(call.node, 'epsilon') ?? 1e-5);
  const scale = call.emit('RSQRT', [call.emit('ADD', [power, epsilon], { shape })], { shape });
  call.finish('MUL', [call.emit('MUL', [x, scale]), call.broadcast(1)]);
};

/** Groups of channels are normalized together, and scaled channel by channel (until opset 20, group by group). */
const groupNormalization: Legalization = (call) => {
  const groups = intOf(call.node, 'num_groups') ?? 1;
  const x = call.input(0);
  const [batch = 1, channels = 1, ...rest] = x.shape;
  const inner = rest.reduce((product, dim) => product * dim, 1);
  const grouped = reshape(call, x, [batch, groups, channels / groups, inner]);
  const result = normalized(call, grouped, [2, 3], floatOf(call.node, 'epsilon') ?? 1e-5);
  const [scale, shift] = [1, 2].map((index) => {
    const [count = 1] = call.shape(index);
    const dims = count === channels ? [1, groups, channels / groups, 1] : [1, groups, 1, 1];
    return reshape(call, call.input(index), dims);
  });
  const spec = { shape: grouped.shape };
  const scaled = call.emit('ADD', [call.emit('MUL', [result, scale!], spec), shift!], spec);
  call.bind(reshape(call, scaled, x.shape));
};

/** (x - mean) / (sqrt(mean of squares - squared mean) + 1e-9), as the operator's own definition has it. */
const meanVarianceNormalization: Legalization = (call) => {
  const given = intsOf(call.node, 'axes') ?? [0, 2, 3];
  const axes = given.map((axis) => call.axis(axis)).sort((a, b) => a - b);
  const x = call.input(0);
  const shape = x.shape.map((dim, k) => (axes.includes(k) ? 1 : dim));
  const centred = call.emit('SUB', [x, meanOver(call, x, axes)]);
  const deviation = call.emit('SQRT', [meanOver(call, call.emit('MUL', [centred, centred]), axes)], { shape });
  call.finish('DIV', [centred, call.emit('ADD', [deviation, call.scalar(1e-9)], { shape })]);
};

const lpNormalization: Legalization = (call) => {
  const at = call.axis(intOf(call.node, 'axis') ?? -1);
  const x = call.input(0);
  const kept = x.shape.map((dim, k) => (k === at ? 1 : dim));
  const options = { keep_dims: true };
  const one = intOf(call.node, 'p') === 1;
  const powers = one ? call.emit('ABS', [x]) : call.emit('MUL', [x, x]);
  const sum = call.emit('SUM', [powers, call.integers([at])], { shape: kept, options });
  call.finish('DIV', [x, one ? sum : call.emit('SQRT', [sum], { shape: kept })]);
};

const lrn: Legalization = (call) => {
  const size = intOf(call.node, 'size') ?? 1;
  if (size % 2 === 0)
    call.refuse({ code: 'device-operator-form', message: `LRN over ${size} channels, an even number` });
  call.finish('LOCAL_RESPONSE_NORMALIZATION', [call.input(0)], {
    radius: (size - 1) / 2,
    bias: floatOf(call.node, 'bias') ?? 1,
    alpha: (floatOf(call.node, 'alpha') ?? 1e-4) / size,
    beta: floatOf(call.node, 'beta') ?? 0.75,
  });
};

export const NORMALIZATION: LegalizationTable = {
  BatchNormalization: batchNormalization,
  InstanceNormalization: instanceNormalization,
  LayerNormalization: layerNormalization,
  RMSNormalization: rmsNormalization,
  GroupNormalization: groupNormalization,
  MeanVarianceNormalization: meanVarianceNormalization,
  LpNormalization: lpNormalization,
  LRN: lrn,
};
