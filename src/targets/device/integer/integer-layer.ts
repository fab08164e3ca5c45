import { elementCount } from '../../../ir/tensor.ts';
import { floatsOf } from '../quantize/quantized-constant.ts';
import type { TfIntegers, TfQuantization, TfTensor } from '../tflite/tf-graph.ts';
import { signedIntegers } from './signed-quantization.ts';

/** Weights and bias of a layer as integer kernels take them. */
export interface IntegerLayer {
  readonly weights: TfIntegers;
  readonly bias: TfIntegers | undefined;
}

/** Largest relative difference between the scale of a stated bias and that of input times weights. */
const SCALE_TOLERANCE = 1e-5;
/** Steps of a sum per step of the result that a bias of another scale may be rounded to; fewer could change results. */
const MIN_SUMS_PER_STEP = 64;
/** The byte of -128. */
const LOWEST_BYTE = 0x80;
const INT32_LIMIT = 2 ** 31 - 1;

/** What a layer computes with. */
export interface LayerOperands {
  readonly input: TfQuantization;
  readonly output: TfQuantization;
  readonly weights: TfTensor;
  readonly bias: TfTensor | undefined;
  /** The axis of the weights along which the kernel takes scales; absent where it takes one. */
  readonly axis: number | undefined;
}

/**
 * A layer's constants as the model stores them, where the kernels can take them: symmetric weights of which no pair of
 * products overflows on any processor, and a bias in steps of input times weights.
 */
export function integerLayer({ input, output, weights, bias, axis }: LayerOperands): IntegerLayer | undefined {
  if (weights.data === undefined || weights.integers === undefined || weights.integers.type === 'int32')
    return undefined;
  const signed = signedIntegers(weights.integers);
  const { scales, zeroPoints } = signed.quantization;
  if (zeroPoints.some((zero) => zero !== 0) || scales.some((scale) => !(scale > 0))) return undefined;
  if (!pairsFit(signed.data, weights.shape, axis ?? 0)) return undefined;
  if (scales.length > 1 && signed.quantization.axis !== axis) return undefined;
  const count = axis === undefined ? 1 : weights.shape[axis]!;
  const each = scales.length === count ? scales : new Array<number>(count).fill(scales[0]!);
  const quantization = { scales: each, zeroPoints: each.map(() => 0), axis: axis ?? 0 };
  const sums = each.map((scale) => Math.fround(input.scales[0]! * scale));
  if (bias === undefined) return { weights: { ...signed, quantization }, bias: undefined };
  const integers = integerBias(bias, sums, output.scales[0]!);
  if (integers === undefined) return undefined;
  const data = new Uint8Array(integers.buffer, integers.byteOffset, integers.byteLength);
  return {
    weights: { ...signed, quantization },
    bias: { type: 'int32', data, quantization: { scales: sums, zeroPoints: sums.map(() => 0), axis: 0 } },
  };
}

/**
 * Whether kernels that add two products in 16 bits stay within them: -128 * -128 twice does not fit, once and
 * -127 * -128 does. So an output may have one weight of -128.
 */
function pairsFit(bytes: Uint8Array, shape: readonly number[], axis: number): boolean {
  const inner = elementCount(shape.slice(axis + 1));
  const count = shape[axis]!;
  const lowest = new Uint8Array(count);
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== LOWEST_BYTE) continue;
    const channel = Math.floor(i / inner) % count;
    if (lowest[channel]!++ > 0) return false;
  }
  return true;
}

/** A bias in steps of the sums that it is added to; none where that would change what the layer computes. */
function integerBias(bias: TfTensor, sums: readonly number[], step: number): Int32Array | undefined {
  if (bias.data === undefined || bias.type !== 'float32') return undefined;
  const scaleAt = (list: readonly number[], k: number): number => list[list.length === 1 ? 0 : k]!;
  const { integers } = bias;
  const count = elementCount(bias.shape);
  if (integers?.type === 'int32' && integers.quantization.zeroPoints.every((zero) => zero === 0)) {
    const { scales } = integers.quantization;
    const near = (k: number): boolean =>
      Math.abs(scaleAt(scales, k) - scaleAt(sums, k)) <= SCALE_TOLERANCE * scaleAt(sums, k);
    if (Array.from({ length: count }, (_, k) => k).every(near)) return new Int32Array(integers.data.slice().buffer);
  }
  const values = floatsOf(bias);
  const rounded = Array.from(values, (value, k) => Math.round(value / scaleAt(sums, k)));
  // A bias of zero is exact in steps of any size.
  const fine = rounded.every(
    (value, k) => Math.abs(value) <= INT32_LIMIT && (values[k] === 0 || scaleAt(sums, k) * MIN_SUMS_PER_STEP <= step),
  );
  return fine ? Int32Array.from(rounded) : undefined;
}
