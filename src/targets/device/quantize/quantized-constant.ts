import { roundHalfToEven } from '../../../ir/float-formats.ts';
import type { ValueRange } from '../../../pass/define-pass.ts';
import { affineParams } from '../../../quantize/affine-params.ts';
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
/** Below this is no value that a layer computes. */
const LOWEST_VALUE = -1e38;
/** Scale of a tensor that was nothing but 0: it reaches to 1. A coarse one would be too coarse to add to anything else. */
const SCALE_OF_ZERO = 2 ** -15;

/** The parameters of an activation: asymmetric for 8 bits, symmetric for 16, as the kernels ask for. */
export function activationParams(range: ValueRange, type: ActivationBits): TfQuantization {
  if (type === 'int8') {
    const { scale, zeroPoint } = affineParams(range, 'int8');
    return perTensor(scale, zeroPoint);
  }
  const peak = Math.max(Math.abs(range.min), Math.abs(range.max));
  return perTensor(peak === 0 ? SCALE_OF_ZERO : Math.max(MIN_SCALE, Math.fround(peak / INT16_LIMIT)), 0);
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

/** Whether a constant is nothing but numbers near the lowest float, which stand for none before a maximum is taken. */
export function isLowest(constant: TfTensor | undefined): boolean {
  return (
    constant?.data !== undefined && constant.type === 'float32' && floatsOf(constant).every((x) => x < LOWEST_VALUE)
  );
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

/** Whether two tensors have the same parameters, so that one can stand for the other. */
export function sameParams(a: TfQuantization | undefined, b: TfQuantization | undefined): boolean {
  return a?.scales[0] === b?.scales[0] && a?.zeroPoints[0] === b?.zeroPoints[0];
}
