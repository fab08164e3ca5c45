import { floatOf, intOf } from '../../../ir/attribute.ts';
import { elements } from '../../../ir/tensor.ts';
import type { TfTensor } from '../tflite/tf-graph.ts';
import type { Legalization, LegalizationTable, LegalizeCall } from './legalization.ts';

/** (x - mean) / sqrt(variance + epsilon) over axes in memory. */
function normalized(call: LegalizeCall, x: TfTensor, axes: readonly number[], epsilon: number): TfTensor {
  const kept = x.shape.map((dim, k) => (axes.includes(k) ? 1 : dim));
  const mean = meanOver(call, x, axes);
  const centred = call.emit('SUB', [x, mean], { shape: x.shape });
  const squares = call.emit('MUL', [centred, centred], { shape: x.shape });
  const variance = meanOver(call, squares, axes);
  const scale = call.emit('RSQRT', [call.emit('ADD', [variance, call.scalar(epsilon)], { shape: kept })], {
    shape: kept,
  });
  return call.emit('MUL', [centred, scale], { shape: x.shape });
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
  if (constant === undefined || constant.dtype !== 'float32') {
    return call.refuse({
      code: 'device-parameter-not-constant',
      message: `operand ${index} of ${call.node.op} is not a float32 constant`,
    });
  }
  const values = elements(constant) as Float32Array;
  const shape = call.order.map((_, k) => (k === at ? values.length : 1));
  return call.floats(values, shape, label);
}

const batchNormalization: Legalization = (call) => {
  const epsilon = floatOf(call.node, 'epsilon') ?? 1e-5;
  const [scale, shift, mean, variance] = [1, 2, 3, 4].map((index) => call.numbers(index, 'the statistics'));
  const factor = scale!.map((value, k) => value / Math.sqrt(variance![k]! + epsilon));
  const offset = shift!.map((value, k) => value - mean![k]! * factor[k]!);
  const shape = call.order.map((axis) => (axis === 1 ? factor.length : 1));
  const scaled = call.emit('MUL', [call.input(0), call.floats(factor, shape, 'factor')]);
  call.finish('ADD', [scaled, call.floats(offset, shape, 'offset')]);
};

const instanceNormalization: Legalization = (call) => {
  const rank = call.order.length;
  const axes = Array.from({ length: rank - 2 }, (_, k) => call.axis(k + 2)).sort((a, b) => a - b);
  const at = call.axis(1);
  const x = normalized(call, call.input(0), axes, floatOf(call.node, 'epsilon') ?? 1e-5);
  const scaled = call.emit('MUL', [x, perChannel(call, 1, at, 'scale')]);
  call.finish('ADD', [scaled, perChannel(call, 2, at, 'shift')]);
};

const layerNormalization: Legalization = (call) => {
  if (call.node.outputs.length > 1) {
    call.refuse({ code: 'device-operator-form', message: 'LayerNormalization that gives its statistics' });
  }
  const rank = call.order.length;
  const first = intOf(call.node, 'axis') ?? -1;
  const axes = Array.from({ length: rank }, (_, k) => k).slice(first);
  const x = normalized(call, call.input(0), axes, floatOf(call.node, 'epsilon') ?? 1e-5);
  const scaled = call.emit('MUL', [x, call.broadcast(1)]);
  if (!call.has(2)) return call.bind(scaled);
  call.finish('ADD', [scaled, call.broadcast(2)]);
};

const rmsNormalization: Legalization = (call) => {
  const rank = call.order.length;
  const axes = Array.from({ length: rank }, (_, k) => k).slice(intOf(call.node, 'axis') ?? -1);
  const x = call.input(0);
  const kept = x.shape.map((dim, k) => (axes.includes(k) ? 1 : dim));
  const squares = meanOver(call, call.emit('MUL', [x, x], { shape: x.shape }), axes);
  const epsilon = call.scalar(floatOf(call.node, 'epsilon') ?? 1e-5);
  const scale = call.emit('RSQRT', [call.emit('ADD', [squares, epsilon], { shape: kept })], { shape: kept });
  call.finish('MUL', [call.emit('MUL', [x, scale], { shape: x.shape }), call.broadcast(1)]);
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
  LpNormalization: lpNormalization,
  RMSNormalization: rmsNormalization,
  LRN: lrn,
};
