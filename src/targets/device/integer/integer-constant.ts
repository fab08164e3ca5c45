import { floatsOf } from '../quantize/quantized-constant.ts';
import type { TfQuantization, TfTensor } from '../tflite/tf-graph.ts';
import { sameParameters, signedIntegers } from './signed-quantization.ts';

/**
 * A float constant as int8, where that is exact: by the integers that the model stores it as or, for operators whose
 * operands share parameters, by those of the others.
 *
 * @param shared whether the constant must have the parameters `others`.
 * @param saturates whether numbers beyond the range may be cut to it, as fills under a maximum may.
 */
export function integerConstant(
  tensor: TfTensor,
  others: TfQuantization,
  shared: boolean,
  saturates: boolean,
): TfTensor | undefined {
  if (tensor.data === undefined || tensor.type !== 'float32') return undefined;
  const stored = tensor.integers;
  if (stored !== undefined && stored.type !== 'int32' && stored.quantization.scales.length === 1) {
    const signed = signedIntegers(stored);
    const { name, shape } = tensor;
    if (!shared || sameParameters(signed.quantization, others)) return { ...signed, name, shape };
  }
  return shared ? fittedConstant(tensor, others, saturates) : undefined;
}

function fittedConstant(tensor: TfTensor, quantization: TfQuantization, saturates: boolean): TfTensor | undefined {
  const [scale = 1] = quantization.scales;
  const [zero = 0] = quantization.zeroPoints;
  const values = floatsOf(tensor);
  const integers = Int8Array.from(values, (value) => Math.max(-128, Math.min(127, Math.round(value / scale) + zero)));
  const exact = integers.every((q, k) => {
    const value = values[k]!;
    const stands = Math.fround((q - zero) * scale);
    return stands === value || (saturates && q === -128 && value < stands);
  });
  if (!exact) return undefined;
  const { name, shape } = tensor;
  return { name, type: 'int8', shape, data: new Uint8Array(integers.buffer), quantization };
}
