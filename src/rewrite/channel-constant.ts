import { elementCount, type Tensor } from '../ir/tensor.ts';
import { toFloat64 } from './constant-numbers.ts';

/** Where the channels of a result lie, against which a constant is broadcast. */
export interface ChannelAxis {
  /** Rank of the result, or a lower bound of it where `axis` is negative. */
  readonly rank: number;
  /** Negative counts from the end. */
  readonly axis: number;
  readonly channels: number;
}

/**
 * The value that a constant has for each channel when it is broadcast (NumPy rules) against a result, or why it has no
 * such values: it varies along another axis, as a constant of the length of the channels does that lies along the width.
 */
export function channelConstant(tensor: Tensor, { rank, axis, channels }: ChannelAxis): Float64Array | string {
  const { dims } = tensor;
  if (dims.length > rank) return 'the constant has more dimensions than the result';
  const numbers = toFloat64(tensor);
  if (elementCount(dims) === 1) return new Float64Array(channels).fill(numbers[0]!);
  // Counted from the end, as broadcasting aligns.
  const fromEnd = axis < 0 ? -axis : rank - axis;
  const varying = dims.findIndex((dim, index) => dim !== 1 && dims.length - index !== fromEnd);
  if (varying >= 0) return 'the constant varies along an axis that is not the channels';
  return numbers.length === channels ? numbers : 'the constant widens the channels';
}
