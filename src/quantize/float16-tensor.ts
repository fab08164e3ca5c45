import { encodeNarrowFloat } from '../ir/float-formats.ts';
import { type Tensor, tensorFromElements, toFloat32 } from '../ir/tensor.ts';

/** Largest finite number of binary16. */
export const FLOAT16_MAX = 65504;

/** A float32 tensor in binary16, with how many of its numbers had to be cut to the largest that binary16 holds. */
export interface Float16Tensor {
  readonly tensor: Tensor;
  readonly clamped: number;
}

/** Rounds a float32 tensor to binary16, ties to even. What lies beyond its range, infinities included, becomes +-65504; NaN stays. */
export function float16Tensor(tensor: Tensor): Float16Tensor {
  const values = toFloat32(tensor);
  const bits = new Uint16Array(values.length);
  let clamped = 0;
  for (let i = 0; i < values.length; i++) {
    let value = values[i]!;
    if (Math.abs(value) > FLOAT16_MAX) {
      value = value > 0 ? FLOAT16_MAX : -FLOAT16_MAX;
      clamped++;
    }
    bits[i] = encodeNarrowFloat('float16', value);
  }
  return { tensor: tensorFromElements('float16', tensor.dims, bits), clamped };
}
