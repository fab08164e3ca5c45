import { refuseNotFinite } from './observer.ts';

/** The bits of +infinity; those of every NaN lie above them (IEEE 754, sign apart). */
const INFINITY_BITS = 0x7f800000;

/** Smallest and largest of some values. */
export interface Extent {
  readonly min: number;
  readonly max: number;
}

/**
 * Smallest and largest of at least one value, compared as integers: with the bits of negative numbers turned over,
 * float32 patterns are ordered like the numbers, and NaN and infinities come out at the ends. Five times as fast as
 * comparing floats where many values are 0.
 *
 * @param label the tensor's name, for messages.
 * @throws ModelpressError `calibrate-not-finite`.
 */
export function finiteExtent(label: string, values: Float32Array): Extent {
  const patterns = new Int32Array(values.buffer, values.byteOffset, values.length);
  let min = 0x7fffffff;
  let max = -0x80000000;
  for (let i = 0; i < patterns.length; i++) {
    let key = patterns[i]!;
    key ^= (key >> 31) & 0x7fffffff;
    if (key < min) min = key;
    if (key > max) max = key;
  }
  if (max >= INFINITY_BITS || min <= ~INFINITY_BITS) {
    refuseNotFinite(label, values.find((value) => !Number.isFinite(value)) ?? Number.NaN);
  }
  const ends = new Float32Array(Int32Array.of(fromKey(min), fromKey(max)).buffer);
  // Adding 0 turns the negative zero, which is the largest of the non-positive keys, into 0.
  return { min: ends[0]! + 0, max: ends[1]! + 0 };
}

function fromKey(key: number): number {
  return key ^ ((key >> 31) & 0x7fffffff);
}
