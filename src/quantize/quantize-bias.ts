import { roundHalfToEven } from '../ir/float-formats.ts';
import { MIN_SCALE } from './affine-params.ts';

/**
 * Largest magnitude of a quantized bias: 2^30, half of int32, so that the sum of products that is added to it (255 * 127
 * each, up to 33,000 of them) does not overflow the accumulator.
 */
export const BIAS_LIMIT = 2 ** 30;

/** A bias in 32 bits: the numbers `values[c] * scales[c]`. */
export interface QuantizedBias {
  readonly values: Int32Array;
  readonly scales: Float32Array;
}

/**
 * Weight scales that a bias can be expressed with. An accumulator counts in units of `inputScale * scale`; where a
 * channel's bias is more than `BIAS_LIMIT` of them, which happens when its weights are all but dead, the weight scale is
 * enlarged until it fits. A channel of zero weights takes the scale that states its bias most exactly, or that of the
 * largest channel.
 *
 * @param scales one per channel, or a single one for all; 0 for zero weights.
 * @param bias one per channel, if the layer has one.
 */
export function settleWeightScales(
  scales: ArrayLike<number>,
  bias: ArrayLike<number> | undefined,
  inputScale: number,
): Float32Array {
  const settled = new Float32Array(scales.length);
  let largest = 0;
  for (let c = 0; c < scales.length; c++) largest = Math.max(largest, scales[c]!);
  // The scale of the bias, the product, has to be a normal number too.
  const smallest = Math.max(MIN_SCALE, MIN_SCALE / inputScale);
  for (let c = 0; c < scales.length; c++) {
    const forBias = largestBias(bias, c, scales.length) / (inputScale * BIAS_LIMIT);
    const wanted = scales[c]! > 0 ? scales[c]! : forBias > 0 ? forBias : largest || 1;
    settled[c] = Math.max(wanted, forBias, smallest);
  }
  return settled;
}

/** A bias with the scale that integer kernels assume, `inputScale * weightScales[c]`: round half to even(b / scale). */
export function quantizeBias(
  bias: ArrayLike<number>,
  inputScale: number,
  weightScales: ArrayLike<number>,
): QuantizedBias {
  const values = new Int32Array(bias.length);
  const scales = new Float32Array(weightScales.length);
  for (let c = 0; c < scales.length; c++) scales[c] = inputScale * weightScales[c]!;
  for (let c = 0; c < values.length; c++) {
    const q = roundHalfToEven(bias[c]! / scales[scales.length === 1 ? 0 : c]!);
    values[c] = Math.max(-BIAS_LIMIT, Math.min(BIAS_LIMIT, q));
  }
  return { values, scales };
}

/** Magnitude of the bias of channel `c`, or of the largest of all where one scale serves them all. */
function largestBias(bias: ArrayLike<number> | undefined, c: number, channels: number): number {
  if (bias === undefined) return 0;
  if (channels > 1) return Math.abs(bias[c]!);
  let largest = 0;
  for (let i = 0; i < bias.length; i++) largest = Math.max(largest, Math.abs(bias[i]!));
  return largest;
}
