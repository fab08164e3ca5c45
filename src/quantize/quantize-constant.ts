import type { Tensor } from '../ir/tensor.ts';
import { tensorFromElements, toFloat32 } from '../ir/tensor.ts';
import { affineParams, type QuantParams, quantizeNumber } from './affine-params.ts';
import { finiteExtent } from './observers/finite-extent.ts';
import type { QuantScheme } from './quant-scheme.ts';

/** A constant operand in the type of activations, over its own range. */
export interface QuantizedConstant {
  readonly tensor: Tensor;
  readonly params: QuantParams;
}

/**
 * Quantizes a float32 constant that an 8-bit operator reads beside activations.
 *
 * @param label the constant's name, for messages.
 */
export function quantizeConstant(label: string, constant: Tensor, scheme: QuantScheme): QuantizedConstant {
  const values = toFloat32(constant);
  const range = values.length === 0 ? { min: 0, max: 0 } : finiteExtent(label, values);
  const params = affineParams(range, scheme.activation, scheme.symmetricActivation);
  const quantized = new (params.dtype === 'uint8' ? Uint8Array : Int8Array)(values.length);
  for (let i = 0; i < values.length; i++) quantized[i] = quantizeNumber(values[i]!, params);
  return { tensor: tensorFromElements(params.dtype, constant.dims, quantized), params };
}
