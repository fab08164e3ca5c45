import type { TfOperator, TfTensor } from '../tflite/tf-graph.ts';

/** What is known of a layer's weights and data. */
export interface CorrectionSetting {
  readonly values: Float32Array;
  readonly quantized: TfTensor;
  /** Mean of each channel of the input, its last axis. */
  readonly means: Float64Array;
}

/**
 * The bias of a layer with what rounding its weights adds to each output channel on average taken off: the sum over its
 * inputs of (quantized w - w) times the input's mean. After a ReLU inputs are positive, so that rounding errors do not
 * cancel, most of all where a channel has few weights (Nagel et al. 2019, arXiv:1906.04721, section 4.2). The bias is
 * returned as it is where the means do not fit the weights.
 */
export function correctedBias(operator: TfOperator, bias: Float32Array, setting: CorrectionSetting): Float32Array {
  const { quantized, means } = setting;
  const { shape } = quantized;
  const channels = shape.at(-1)!;
  switch (operator.name) {
    case 'DEPTHWISE_CONV_2D':
      if (channels % means.length !== 0) return bias;
      return shifted(bias, setting, (at) => {
        const output = at % channels;
        return { output, input: Math.floor(output / (channels / means.length)) };
      });
    case 'CONV_2D':
    case 'FULLY_CONNECTED': {
      if (channels !== means.length) return bias;
      const perOutput = quantized.data!.length / shape[0]!;
      return shifted(bias, setting, (at) => ({ output: Math.floor(at / perOutput), input: at % channels }));
    }
    default:
      return bias;
  }
}

/** @param placeOf the output and the input channel that a weight joins. */
function shifted(
  bias: Float32Array,
  { values, quantized, means }: CorrectionSetting,
  placeOf: (at: number) => { readonly output: number; readonly input: number },
): Float32Array {
  const sums = Float64Array.from(bias);
  const scales = quantized.quantization!.scales;
  const integers = new Int8Array(quantized.data!.slice().buffer);
  for (let at = 0; at < values.length; at++) {
    const { output, input } = placeOf(at);
    const scale = scales[scales.length === 1 ? 0 : output]!;
    sums[output] = sums[output]! + (values[at]! - integers[at]! * scale) * means[input]!;
  }
  return Float32Array.from(sums);
}
