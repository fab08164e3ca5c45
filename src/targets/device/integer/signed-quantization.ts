import type { TfIntegers, TfQuantization } from '../tflite/tf-graph.ts';

/** Distance between an unsigned byte and the signed one that stands for the same number. */
const BIAS = 128;

/** The parameters of 8-bit integers when they are written as int8; unsigned ones count from 128 less. */
export function signedQuantization(type: string, quantization: TfQuantization): TfQuantization {
  if (type === 'int8') return quantization;
  return { ...quantization, zeroPoints: quantization.zeroPoints.map((zero) => zero - BIAS) };
}

/** 8-bit integers as int8: the same numbers. */
export function signedIntegers(integers: TfIntegers): TfIntegers {
  if (integers.type === 'int8') return integers;
  const data = integers.data.map((byte) => byte ^ BIAS);
  return { type: 'int8', data, quantization: signedQuantization('uint8', integers.quantization) };
}

/** Whether integers of one scale and zero point stand for the same numbers under both. */
export function sameParameters(a: TfQuantization, b: TfQuantization): boolean {
  return a.scales[0] === b.scales[0] && a.zeroPoints[0] === b.zeroPoints[0];
}
