import { fail } from '../diagnostics/modelpress-error.ts';
import { roundHalfToEven } from '../ir/float-formats.ts';
import type { ValueRange } from '../pass/define-pass.ts';
import type { ActivationType } from './quant-scheme.ts';

/** The numbers `scale * (q - zeroPoint)` that an 8-bit tensor stands for. `scale` is a float32 above zero. */
export interface QuantParams {
  readonly dtype: ActivationType;
  readonly scale: number;
  readonly zeroPoint: number;
}

/** Smallest and largest value of an 8-bit type. */
export const INT8_LIMITS = {
  uint8: { qmin: 0, qmax: 255 },
  int8: { qmin: -128, qmax: 127 },
} as const satisfies Record<ActivationType, { qmin: number; qmax: number }>;

/**
 * Smallest scale that is used: the smallest normal float32, 2^-126. Below it runtimes that flush subnormal numbers to
 * zero divide by zero.
 */
export const MIN_SCALE = 2 ** -126;

/**
 * Scale and zero point of a tensor whose values lie in `range`, after ONNX's QuantizeLinear: the range is widened to
 * hold 0, which is then exact; scale = (max - min) / 255; zero point = round half to even(qmin - min / scale).
 * `symmetric` puts the zero point in the middle and scales by the larger magnitude, max(-min, max) / 127. A range of
 * nothing but 0 has scale 1.
 *
 * @throws ModelpressError `quantize-bad-range` where an end is not finite or they are in the wrong order.
 */
export function affineParams(range: ValueRange, dtype: ActivationType, symmetric = false): QuantParams {
  if (!Number.isFinite(range.min) || !Number.isFinite(range.max) || range.min > range.max) {
    fail({
      code: 'quantize-bad-range',
      message: `${range.min} to ${range.max} is no range of values`,
      hint: 'Check the calibration data for NaN and infinities.',
    });
  }
  const min = Math.min(range.min, 0);
  const max = Math.max(range.max, 0);
  const { qmin, qmax } = INT8_LIMITS[dtype];
  if (symmetric) {
    const half = (qmax - qmin + 1) / 2;
    return { dtype, scale: usableScale(Math.max(-min, max) / (half - 1)), zeroPoint: qmin + half };
  }
  const scale = usableScale((max - min) / (qmax - qmin));
  // From the scale before it was rounded to float32, so that -1 to 1 is an exact half and goes to the even 128.
  const zeroPoint = roundHalfToEven(qmin - min / Math.max(MIN_SCALE, (max - min) / (qmax - qmin)));
  return { dtype, scale, zeroPoint: Math.min(qmax, Math.max(qmin, zeroPoint)) };
}

/** A scale as float32 that can be divided by: 1 for zero, and never subnormal. */
export function usableScale(scale: number): number {
  return scale === 0 ? 1 : Math.max(MIN_SCALE, Math.fround(scale));
}

/** The quantized value of a number: round half to even(value / scale) + zero point, saturated, as QuantizeLinear does. */
export function quantizeNumber(value: number, { dtype, scale, zeroPoint }: QuantParams): number {
  const { qmin, qmax } = INT8_LIMITS[dtype];
  return Math.min(qmax, Math.max(qmin, roundHalfToEven(value / scale) + zeroPoint));
}

/** The range of numbers that the parameters can stand for. */
export function representableRange({ dtype, scale, zeroPoint }: QuantParams): ValueRange {
  const { qmin, qmax } = INT8_LIMITS[dtype];
  return { min: scale * (qmin - zeroPoint), max: scale * (qmax - zeroPoint) };
}
