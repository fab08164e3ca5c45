import { quantizeBias, settleWeightScales } from '../../../quantize/quantize-bias.ts';
import { quantizeWeight, weightScales } from '../../../quantize/quantize-weight.ts';
import type { TfOperator, TfTensor } from '../tflite/tf-graph.ts';
import { correctedBias } from './corrected-bias.ts';
import type { ActivationBits, QuantizedRule } from './int8-rules.ts';
import { floatsOf } from './quantized-constant.ts';
import type { ReconstructedLayer } from './reconstruct-layers.ts';

/** Weights and bias of a layer in the form that its integer kernel wants. */
export interface QuantizedLayer {
  readonly weights: TfTensor;
  readonly bias: TfTensor | undefined;
}

/** What a layer's constants are quantized for. */
export interface LayerSetting {
  readonly rule: QuantizedRule & { kind: 'linear' };
  readonly inputScale: number;
  readonly type: ActivationBits;
  /** Weights that have been quantized, so that layers that share them share their bytes. */
  readonly cache: Map<TfTensor, TfTensor[]>;
  /** Mean of each channel of the input, to correct the bias by. */
  readonly means?: Float64Array;
  /** Weights that were rounded by the data, where they were. */
  readonly reconstructed?: ReconstructedLayer | undefined;
}

/** Quantizes a layer's constants for an input of this scale: int8 weights, int32 (int64 for 16 bits) bias. */
export function quantizedLayer(operator: TfOperator, setting: LayerSetting): QuantizedLayer {
  const { rule, inputScale, type, cache, means } = setting;
  const { axis } = rule;
  const weights = operator.inputs[rule.weights]!;
  const bias = rule.bias === undefined ? undefined : operator.inputs[rule.bias];
  const values = floatsOf(weights);
  const biasValues = bias === undefined ? undefined : floatsOf(bias);
  const reconstructed = fitting(setting.reconstructed, biasValues, inputScale);
  const scales =
    reconstructed?.scales ?? settleWeightScales(weightScales(values, weights.shape, axis), biasValues, inputScale);
  const versions = cache.get(weights) ?? [];
  const known = versions.find(({ quantization }) => quantization?.scales.every((scale, k) => scale === scales[k]));
  const integers = () => reconstructed?.values ?? quantizeWeight(values, weights.shape, axis, scales);
  const quantized = known ?? quantizedWeights(weights, integers(), axis, scales);
  if (known === undefined) cache.set(weights, [...versions, quantized]);
  if (bias === undefined || biasValues === undefined) return { weights: quantized, bias: undefined };
  const wanted = reconstructed
    ? biasValues.map((value, k) => value + reconstructed.correction[k]!)
    : means === undefined
      ? biasValues
      : correctedBias(operator, biasValues, { values, quantized, means });
  const { values: sums, scales: biasScales } = quantizeBias(wanted, inputScale, scales);
  const data = type === 'int8' ? sums : BigInt64Array.from(sums, BigInt);
  return {
    weights: quantized,
    bias: {
      ...bias,
      type: type === 'int8' ? 'int32' : 'int64',
      data: new Uint8Array(data.buffer),
      quantization: { scales: [...biasScales], zeroPoints: [...biasScales].map(() => 0), axis: 0 },
    },
  };
}

/** Reconstructed weights, where the bias can be expressed with their scales. */
function fitting(
  reconstructed: ReconstructedLayer | undefined,
  bias: Float32Array | undefined,
  inputScale: number,
): ReconstructedLayer | undefined {
  if (reconstructed === undefined) return undefined;
  const settled = settleWeightScales(reconstructed.scales, bias, inputScale);
  return settled.every((scale, k) => scale === reconstructed.scales[k]) ? reconstructed : undefined;
}

function quantizedWeights(
  weights: TfTensor,
  integers: Int8Array,
  axis: number | undefined,
  scales: Float32Array,
): TfTensor {
  return {
    ...weights,
    type: 'int8',
    data: new Uint8Array(integers.buffer),
    quantization: { scales: [...scales], zeroPoints: [...scales].map(() => 0), axis: axis ?? 0 },
  };
}
