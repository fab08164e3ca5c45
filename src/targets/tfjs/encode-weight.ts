import { encodeNarrowFloat } from '../../ir/float-formats.ts';
import type { TfjsWeight } from './graph-builder.ts';

/** How float32 weights are stored. Whatever is chosen, they are float32 again once they are loaded. */
export type TfjsWeightFormat = 'float32' | 'float16' | 'uint8';

/** An entry of the manifest of weights. */
export interface WeightEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string; readonly scale?: number; readonly min?: number };
}

/** Weights with fewer elements stay float32: biases and scales, whose bytes do not count but whose errors do. */
const MIN_ELEMENTS = 1024;

const LEVELS = 255;

/**
 * The stored bytes of a weight with their entry. `uint8` stores `round((w - min) / scale)` with one scale and one `min`
 * per tensor, the only form that TensorFlow.js has; 0 stays 0 where it is in the range.
 */
export function encodeWeight(
  { name, dtype, shape, data }: TfjsWeight,
  format: TfjsWeightFormat,
): { readonly entry: WeightEntry; readonly bytes: Uint8Array } {
  const entry = { name, shape, dtype };
  const count = data.byteLength / Float32Array.BYTES_PER_ELEMENT;
  if (dtype !== 'float32' || format === 'float32' || count < MIN_ELEMENTS) return { entry, bytes: data };
  const values = new Float32Array(data.slice().buffer);
  if (!values.every(Number.isFinite)) return { entry, bytes: data };
  if (format === 'float16') return float16(entry, data, values);
  const [low, high] = rangeOf(values);
  const scale = (high - low) / LEVELS || 1;
  // The bottom of the range is a whole number of steps from 0, which is then exact.
  const min = low < 0 && high > 0 ? -Math.round(-low / scale) * scale : low;
  const bytes = Uint8Array.from(values, (value) => Math.max(0, Math.min(LEVELS, Math.round((value - min) / scale))));
  return { entry: { ...entry, quantization: { dtype: 'uint8', scale, min } }, bytes };
}

const LARGEST_FLOAT16 = 65504;

function float16(entry: WeightEntry, data: Uint8Array, values: Float32Array) {
  const [low, high] = rangeOf(values);
  if (Math.max(-low, high) > LARGEST_FLOAT16) return { entry, bytes: data };
  const bits = Uint16Array.from(values, (value) => encodeNarrowFloat('float16', value));
  return { entry: { ...entry, quantization: { dtype: 'float16' } }, bytes: new Uint8Array(bits.buffer) };
}

function rangeOf(values: Float32Array): readonly [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
