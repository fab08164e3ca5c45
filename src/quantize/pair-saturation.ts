/**
 * On x86-64 without VNNI a kernel multiplies unsigned activations by signed weights in pairs and adds each pair in 16
 * bits with saturation: 255 * 127 * 2 does not fit in 32,767. Two neighbouring weights of one sign are safe when their
 * sum is at most 128 (255 * 128 = 32,640).
 */
const SAFE_PAIR_SUM = 128;

/** Which elements of a weight are multiplied one after another: a walk over `lengths` with `strides`, last fastest. */
export interface ReductionOrder {
  readonly lengths: readonly number[];
  readonly strides: readonly number[];
}

/**
 * The order in which a kernel runs through the weights of one output channel, and the distance from one channel to the
 * next. Convolutions run over the kernel's positions and then the input channels, matrix products over their rows.
 */
export function reductionOrder(
  dims: readonly number[],
  axis: number,
  convolution: boolean,
): ReductionOrder & { readonly channelStride: number } {
  const strides = dims.map((_, i) => dims.slice(i + 1).reduce((product, dim) => product * dim, 1));
  const others = dims.map((_, i) => i).filter((i) => i !== axis);
  const order = convolution ? [...others.slice(1), ...others.slice(0, 1)] : others;
  return { lengths: order.map((i) => dims[i]!), strides: order.map((i) => strides[i]!), channelStride: strides[axis]! };
}

/** Largest |a + b| over neighbours a, b of one sign in the walk from `start`. */
export function largestPairSum(values: ArrayLike<number>, start: number, { lengths, strides }: ReductionOrder): number {
  const position = lengths.map(() => 0);
  let count = 1;
  for (const length of lengths) count *= length;
  let at = start;
  let previous = 0;
  let largest = 0;
  for (let i = 0; i < count; i++) {
    const value = values[at]!;
    if (previous * value > 0) largest = Math.max(largest, Math.abs(previous + value));
    previous = value;
    for (let axis = lengths.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++position[axis]! < lengths[axis]!) break;
      at -= strides[axis]! * lengths[axis]!;
      position[axis] = 0;
    }
  }
  return largest;
}

/**
 * Whether products of the quantized weights of any channel with activations up to `activationPeak` (255 for uint8) can
 * saturate such a kernel. Exact for that order of multiplication: decided by the weights, layer by layer.
 */
export function canSaturate(
  weights: Int8Array,
  channels: number,
  order: ReductionOrder & { readonly channelStride: number },
  activationPeak = 255,
): boolean {
  for (let c = 0; c < channels; c++) {
    if (largestPairSum(weights, c * order.channelStride, order) * activationPeak > 2 ** 15 - 1) return true;
  }
  return false;
}

/**
 * Weight scales enlarged just as far as keeps every pair from saturating: at most by a factor of two, which is what
 * quantizing to 7 bits costs everywhere.
 */
export function pairSafeScales(
  values: Float32Array,
  scales: ArrayLike<number>,
  channels: number,
  order: ReductionOrder & { readonly channelStride: number },
): Float64Array {
  const safe = Float64Array.from(scales as ArrayLike<number>);
  for (let c = 0; c < channels; c++) {
    const slot = safe.length === 1 ? 0 : c;
    // Rounding may add half a step to each of the two.
    const needed = largestPairSum(values, c * order.channelStride, order) / (SAFE_PAIR_SUM - 1);
    safe[slot] = Math.max(safe[slot]!, Math.fround(needed));
  }
  return safe;
}
