import { roundHalfToEven } from '../../../ir/float-formats.ts';
import type { ValueRange } from '../../../pass/define-pass.ts';
import { affineParams } from '../../../quantize/affine-params.ts';
import { quantizeBias, settleWeightScales } from '../../../quantize/quantize-bias.ts';
import { quantizeWeight, weightScales } from '../../../quantize/quantize-weight.ts';
import type { TfQuantization, TfTensor } from '../tflite/tf-graph.ts';
import type { ActivationBits } from './int8-rules.ts';

/** The float32 elements of a constant. */
export function floatsOf(tensor: TfTensor): Float32Array {
  const bytes = tensor.data!;
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

/** One scale and zero point for all elements. */
export function perTensor(scale: number, zeroPoint: number): TfQuantization {
  return { scales: [scale], zeroPoints: [zeroPoint], axis: 0 };
}

/** Largest magnitude of a 16-bit activation, whose zero point is always 0. */
const INT16_LIMIT = 32767;
const MIN_SCALE = 2 ** -126;

/** The parameters of an activation: asymmetric for 8 bits, symmetric for 16, as the kernels ask for. */
export function activationParams(range: ValueRange, type: ActivationBits): TfQuantization {
  if (type === 'int8') {
    const { scale, zeroPoint } = affineParams(range, 'int8');
    return perTensor(scale, zeroPoint);
  }
  const peak = Math.max(Math.abs(range.min), Math.abs(range.max));
  return perTensor(peak === 0 ? 1 : Math.max(MIN_SCALE, Math.fround(peak / INT16_LIMIT)), 0);
}

/** The range of a constant's elements. */
export function rangeOf(values: Float32Array): ValueRange {
  let min = 0;
  let max = 0;
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return { min, max };
}

/** A float constant in the type of activations. */
export function quantizedConstant(tensor: TfTensor, quantization: TfQuantization, type: ActivationBits): TfTensor {
  const values = floatsOf(tensor);
  const [scale = 1] = quantization.scales;
  const [zeroPoint = 0] = quantization.zeroPoints;
  const limit = type === 'int8' ? 128 : 32768;
  const integers = type === 'int8' ? new Int8Array(values.length) : new Int16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const q = roundHalfToEven(values[i]! / scale) + zeroPoint;
    integers[i] = Math.max(-limit, Math.min(limit - 1, q));
  }
  return { ...tensor, type, data: new Uint8Array(integers.buffer), quantization };
}

/** Weights and bias of a layer in the form that its integer kernel wants. */
export interface QuantizedLayer {
  readonly weights: TfTensor;
  readonly bias: TfTensor | undefined;
}

/** What a layer's constants are quantized for. */
export interface LayerSetting {
  readonly inputScale: number;
  /** Axis of the weights' scales; absent for one scale. */
  readonly axis: number | undefined;
  readonly type: ActivationBits;
  /** Weights that have been quantized, so that layers that share them share their bytes. */
  readonly cache: Map<TfTensor, TfTensor[]>;
}

/** Quantizes a layer's constants for an input of this scale: int8 weights along `axis`, int32 (int64 for 16 bits) bias. */
export function quantizedLayer(weights: TfTensor, bias: TfTensor | undefined, setting: LayerSetting): QuantizedLayer {
  const { inputScale, axis, type, cache } = setting;
  const values = floatsOf(weights);
  const biasValues = bias === undefined ? undefined : floatsOf(bias);
  const scales = settleWeightScales(weightScales(values, weights.shape, axis), biasValues, inputScale);
  const versions = cache.get(weights) ?? [];
  const known = versions.find(({ quantization }) => quantization?.scales.every((scale, k) => scale === scales[k]));
  const quantized = known ?? quantizedWeights(weights, values, axis, scales);
  if (known === undefined) cache.set(weights, [...versions, quantized]);
  if (bias === undefined || biasValues === undefined) return { weights: quantized, bias: undefined };
  const { values: sums, scales: biasScales } = quantizeBias(biasValues, inputScale, scales);
  const data = type === 'int8' ? sums : BigInt64Array.from(sums, BigInt);
  return {
    weights: quantized,
    bias: {
      ...bias,
      type: type === 'int8' ? 'int32' : 'int64',
      data: new Uint8Array(data.buffer),
      quantization: { scales: [...biasScales], zeroPoints: [...biasScales].map(() => 0), axis: 0 },
    },
  };
}

function quantizedWeights(
  weights: TfTensor,
  values: Float32Array,
  axis: number | undefined,
  scales: Float32Array,
): TfTensor {
  const integers = quantizeWeight(values, weights.shape, axis, scales);
  return {
    ...weights,
    type: 'int8',
    data: new Uint8Array(integers.buffer),
    quantization: { scales: [...scales], zeroPoints: [...scales].map(() => 0), axis: axis ?? 0 },
  };
}

/** Whether two tensors have the same parameters, so that one can stand for the other. */
export function sameParams(a: TfQuantization | undefined, b: TfQuantization | undefined): boolean {
  return a?.scales[0] === b?.scales[0] && a?.zeroPoints[0] === b?.zeroPoints[0];
}
