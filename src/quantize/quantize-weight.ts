import { roundHalfToEven } from '../ir/float-formats.ts';
import { elementCount } from '../ir/tensor.ts';
import { MIN_SCALE } from './affine-params.ts';

/** Largest magnitude of a quantized weight: -128 is left out, so that negating a weight never overflows. */
export const WEIGHT_LIMIT = 127;

/** How a weight's elements fall into channels: `outer` blocks of `channels` runs of `inner` elements. */
interface ChannelLayout {
  readonly outer: number;
  readonly channels: number;
  readonly inner: number;
}

/**
 * Symmetric scales of a weight, max|w| / 127: one per index along `axis`, or a single one where `axis` is absent.
 * A channel of nothing but zeros gets scale 0, for `settleWeightScales` to choose.
 *
 * @throws RangeError where the elements are not as many as `dims` says, or one is not finite.
 */
export function weightScales(values: Float32Array, dims: readonly number[], axis: number | undefined): Float64Array {
  const { outer, channels, inner } = channelLayout(values, dims, axis);
  const peaks = new Float64Array(channels);
  let at = 0;
  for (let o = 0; o < outer; o++) {
    for (let c = 0; c < channels; c++) {
      let peak = peaks[c]!;
      for (const end = at + inner; at < end; at++) {
        const magnitude = Math.abs(values[at]!);
        // Also true for NaN, which no comparison holds for.
        if (!(magnitude <= peak)) peak = Number.isFinite(magnitude) ? magnitude : notFinite(at, values[at]!);
      }
      peaks[c] = peak;
    }
  }
  return peaks.map((peak) => (peak === 0 ? 0 : Math.max(MIN_SCALE, Math.fround(peak / WEIGHT_LIMIT))));
}

/** A weight in 8 bits: round half to even(w / scale), saturated to -127..127; `scales` along `axis`, all above zero. */
export function quantizeWeight(
  values: Float32Array,
  dims: readonly number[],
  axis: number | undefined,
  scales: ArrayLike<number>,
): Int8Array {
  const { outer, channels, inner } = channelLayout(values, dims, axis);
  const quantized = new Int8Array(values.length);
  let at = 0;
  for (let o = 0; o < outer; o++) {
    for (let c = 0; c < channels; c++) {
      const scale = scales[c]!;
      for (const end = at + inner; at < end; at++) {
        const q = roundHalfToEven(values[at]! / scale);
        quantized[at] = Math.min(WEIGHT_LIMIT, Math.max(-WEIGHT_LIMIT, q));
      }
    }
  }
  return quantized;
}

function channelLayout(values: Float32Array, dims: readonly number[], axis: number | undefined): ChannelLayout {
  if (values.length !== elementCount(dims)) {
    throw new RangeError(`a weight [${dims.join(',')}] has ${elementCount(dims)} elements, got ${values.length}`);
  }
  if (axis === undefined) return { outer: 1, channels: 1, inner: values.length };
  const channels = dims[axis];
  if (channels === undefined) throw new RangeError(`a weight [${dims.join(',')}] has no axis ${axis}`);
  return { outer: elementCount(dims.slice(0, axis)), channels, inner: elementCount(dims.slice(axis + 1)) };
}

function notFinite(index: number, value: number): never {
  throw new RangeError(`element ${index} of a weight is ${value}`);
}
