import { encodeNarrowFloat } from '../../../ir/float-formats.ts';
import { quantizeWeight, weightScales } from '../../../quantize/quantize-weight.ts';
import type { TfGraph, TfOperator, TfTensor } from '../tflite/tf-graph.ts';
import { floatsOf } from './quantized-constant.ts';

/** Weights with fewer elements stay as they are: their kernels lose more than the file gains. */
const MIN_ELEMENTS = 1024;

/** The axis of the scales of weights in layers that take 8-bit weights with float data; absent for one scale. */
const HYBRID_AXES: Readonly<Record<string, number | undefined>> = {
  CONV_2D: 0,
  DEPTHWISE_CONV_2D: 3,
  FULLY_CONNECTED: undefined,
};

/**
 * Dynamic-range quantization: weights of layers in 8 bits, data in float32, which the kernels quantize for each run by
 * the range it has.
 */
export function quantizeWeightsDynamically(graph: TfGraph): TfGraph {
  const made = new Map<TfTensor, TfTensor>();
  const operators = graph.operators.map((operator): TfOperator => {
    const [data, weights] = operator.inputs;
    if (!Object.hasOwn(HYBRID_AXES, operator.name) || weights?.data === undefined || data?.type !== 'float32')
      return operator;
    if (weights.type !== 'float32' || weights.data.byteLength / 4 < MIN_ELEMENTS) return operator;
    // Hybrid convolutions in groups have no kernel.
    if (operator.name === 'CONV_2D' && data.shape[3] !== weights.shape[3]) return operator;
    const quantized = made.get(weights) ?? hybridWeights(weights, HYBRID_AXES[operator.name]);
    made.set(weights, quantized);
    const inputs = operator.inputs.map((tensor, index) => (index === 1 ? quantized : tensor));
    const asymmetric = operator.name === 'FULLY_CONNECTED' ? { asymmetric_quantize_inputs: true } : {};
    return { ...operator, inputs, options: { ...operator.options, ...asymmetric } };
  });
  return { ...graph, operators };
}

function hybridWeights(weights: TfTensor, axis: number | undefined): TfTensor {
  const values = floatsOf(weights);
  const scales = weightScales(values, weights.shape, axis).map((scale) => (scale === 0 ? 1 : scale));
  const integers = quantizeWeight(values, weights.shape, axis, scales);
  return {
    ...weights,
    type: 'int8',
    data: new Uint8Array(integers.buffer),
    quantization: { scales: [...scales], zeroPoints: [...scales].map(() => 0), axis: axis ?? 0 },
  };
}

/**
 * Bytes that a convolution whose weights are widened at run time may unfold its data to: only kernels with constant
 * weights need not unfold it. A wasm memory holds 4 GiB, a phone gives an app much less.
 */
const MAX_UNFOLDED_BYTES = 256 * 1024 * 1024;

/** Whether a convolution's weights have to stay float32, because it would unfold its data to too many bytes otherwise. */
export function needsConstantWeights({ name, inputs: [, weights], outputs: [result] }: TfOperator): boolean {
  if (name !== 'CONV_2D' || weights?.type !== 'float32' || weights.data === undefined) return false;
  const [batch = 1, height = 1, width = 1] = result!.shape;
  const patch = weights.data.byteLength / weights.shape[0]!;
  return batch * height * width * patch > MAX_UNFOLDED_BYTES;
}

/**
 * Stores float32 constants in 16 bits, each with a DEQUANTIZE that gives it back in 32; what convolutions need constant
 * stays as it is.
 */
export function storeWeightsInFloat16(graph: TfGraph): TfGraph {
  const made = new Map<TfTensor, TfTensor>();
  const operators: TfOperator[] = [];
  const narrowed = (tensor: TfTensor | undefined): TfTensor | undefined => {
    if (tensor?.data === undefined || tensor.type !== 'float32') return tensor;
    if (tensor.data.byteLength / 4 < MIN_ELEMENTS) return tensor;
    const known = made.get(tensor);
    if (known !== undefined) return known;
    const values = floatsOf(tensor);
    const bits = Uint16Array.from(values, (value) => encodeNarrowFloat('float16', value));
    const stored: TfTensor = {
      ...tensor,
      name: `${tensor.name}/float16`,
      type: 'float16',
      data: new Uint8Array(bits.buffer),
    };
    const wide: TfTensor = { ...tensor, data: undefined };
    operators.push({ name: 'DEQUANTIZE', inputs: [stored], outputs: [wide], options: {} });
    made.set(tensor, wide);
    return wide;
  };
  for (const operator of graph.operators) {
    const inputs = needsConstantWeights(operator) ? operator.inputs : operator.inputs.map(narrowed);
    operators.push({ ...operator, inputs });
  }
  return { ...graph, operators };
}
