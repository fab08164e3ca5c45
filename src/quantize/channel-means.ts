import { elementCount } from '../ir/tensor.ts';

/** Sums the values of a tensor per channel over any number of samples. */
export interface ChannelMeans {
  /** Adds one sample's tensor; one whose number of channels differs from the first makes the means unknown. */
  observe(values: Float32Array, dims: readonly number[]): void;
  /** Adds one sample's means per channel, of a tensor with `count` elements. */
  observeMeans(means: Float32Array, count: number): void;
  /** Mean of each channel; none where nothing was observed or the channels were not always as many. */
  means(): Float64Array | undefined;
}

/** @param axis of the channels; negative counts from the end. */
export function channelMeans(axis: number): ChannelMeans {
  let sums: Float64Array | undefined;
  let perChannel = 0;
  let mixed = false;
  const sumsOf = (channels: number): Float64Array | undefined => {
    sums ??= new Float64Array(channels);
    if (sums.length === channels) return sums;
    mixed = true;
    return undefined;
  };
  return {
    observe(values, dims) {
      const at = axis < 0 ? axis + dims.length : axis;
      const channels = dims[at];
      if (channels === undefined || values.length === 0) return;
      const total = sumsOf(channels);
      if (total === undefined) return;
      addChannels(total, values, elementCount(dims.slice(at + 1)));
      perChannel += values.length / channels;
    },
    observeMeans(means, count) {
      const total = sumsOf(means.length);
      if (total === undefined || count === 0) return;
      const weight = count / means.length;
      for (let c = 0; c < means.length; c++) total[c] = total[c]! + means[c]! * weight;
      perChannel += weight;
    },
    means: () => (mixed || perChannel === 0 ? undefined : sums?.map((sum) => sum / perChannel)),
  };
}

/** Adds runs of `inner` values to the channels in turn. */
function addChannels(sums: Float64Array, values: Float32Array, inner: number): void {
  if (inner === 1) {
    for (let start = 0; start < values.length; start += sums.length) {
      for (let c = 0; c < sums.length; c++) sums[c] = sums[c]! + values[start + c]!;
    }
    return;
  }
  let channel = 0;
  for (let start = 0; start < values.length; start += inner) {
    // Two sums, so that one addition need not wait for the other.
    let even = 0;
    let odd = 0;
    const end = start + inner;
    for (let i = start; i + 1 < end; i += 2) {
      even += values[i]!;
      odd += values[i + 1]!;
    }
    if (inner % 2 === 1) even += values[end - 1]!;
    sums[channel] = sums[channel]! + even + odd;
    if (++channel === sums.length) channel = 0;
  }
}
