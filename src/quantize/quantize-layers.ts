import { isOp, type Node } from '../ir/node.ts';
import { elementCount, toFloat32 } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { weightLayoutOf } from '../ops/weight-layout.ts';
import { biasCorrection } from './bias-correction.ts';
import { type LayerOperands, layerFactors } from './layer-operands.ts';
import { canSaturate, pairSafeScales, reductionOrder } from './pair-saturation.ts';
import { type QuantizedBias, quantizeBias, settleWeightScales } from './quantize-bias.ts';
import { quantizeWeight, weightScales } from './quantize-weight.ts';

/** A layer that is to be quantized, with the scale of its activations. */
export interface LayerToQuantize {
  readonly node: Node;
  readonly layer: LayerOperands & { readonly weight: NonNullable<LayerOperands['weight']> };
  readonly inputScale: number;
  /** Mean of each channel of its input on calibration data, for `biasCorrection`. */
  readonly inputMeans?: Float64Array | undefined;
}

/** Weights in 8 bits, shared by all layers that read the same constant in the same way. */
export interface SharedWeight {
  readonly source: Value;
  readonly values: Int8Array;
  readonly dims: readonly number[];
  readonly scales: Float32Array;
  readonly axis: number | undefined;
  /** Whether products with it can saturate 16 bits on processors without VNNI (see `canSaturate`). */
  readonly saturates: boolean;
}

/** A layer's weights and bias in integers. */
export interface QuantizedLayer {
  readonly node: Node;
  readonly layer: LayerToQuantize['layer'];
  readonly weight: SharedWeight;
  /** Also where the layer had none, if its weights ask for a correction. */
  readonly bias: QuantizedBias | undefined;
}

export interface LayerOptions {
  /** One scale per output channel, where the operator has an axis for them. */
  readonly perChannel: boolean;
  /** Enlarge weight scales where products could saturate on processors without VNNI. */
  readonly avoidSaturation: boolean;
}

/**
 * Quantizes the weights and biases of layers. A constant read by several layers is quantized once, with scales that all
 * their biases can be expressed with; biases are quantized for each layer, since their scales follow from its input.
 */
export function quantizeLayers(layers: readonly LayerToQuantize[], options: LayerOptions): QuantizedLayer[] {
  const groups = new Map<Value, Map<string, LayerToQuantize[]>>();
  for (const layer of layers) {
    const { value, axis } = layer.layer.weight;
    const variants = groups.get(value) ?? new Map<string, LayerToQuantize[]>();
    const key = `${axis} ${layerFactors(layer.node).alpha}`;
    groups.set(value, variants.set(key, [...(variants.get(key) ?? []), layer]));
  }
  const quantized = new Map<Node, QuantizedLayer>();
  for (const variants of groups.values()) {
    for (const group of variants.values())
      for (const layer of quantizeGroup(group, options)) quantized.set(layer.node, layer);
  }
  return layers.map(({ node }) => quantized.get(node)!);
}

/** Layers that read one weight with one axis and one factor. */
function quantizeGroup(group: readonly LayerToQuantize[], options: LayerOptions): QuantizedLayer[] {
  const { node, layer } = group[0]!;
  const tensor = layer.weight.value.constant!;
  const { alpha } = layerFactors(node);
  const values = alpha === 1 ? toFloat32(tensor) : toFloat32(tensor).map((value) => value * alpha);
  const axis = options.perChannel ? layer.weight.axis : undefined;
  const channelAxis = layer.weight.axis ?? tensor.dims.length - 1;
  const channels = tensor.dims[channelAxis]!;
  const order = reductionOrder(tensor.dims, channelAxis, isOp(node, 'Conv'));
  // Depthwise kernels multiply in 32 bits.
  const pairs = !(isOp(node, 'Conv') && tensor.dims[weightLayoutOf(node)!.reductionAxis] === 1);
  const biases = group.map((member) => biasOf(member, channels));
  let scales: ArrayLike<number> = weightScales(values, tensor.dims, axis);
  if (options.avoidSaturation && pairs) scales = pairSafeScales(values, scales, channels, order);
  for (const [i, { inputScale }] of group.entries()) scales = settleWeightScales(scales, biases[i], inputScale);
  const settled = Float32Array.from(scales);
  const quantized = quantizeWeight(values, tensor.dims, axis, settled);
  const weight: SharedWeight = {
    source: layer.weight.value,
    values: quantized,
    dims: tensor.dims,
    scales: settled,
    axis,
    saturates: pairs && canSaturate(quantized, channels, order),
  };
  const lost = lostWeight(values, tensor.dims, axis, quantized, settled);
  return group.map((member, i) => {
    const correction = member.inputMeans && biasCorrection(member.node, lost, tensor.dims, member.inputMeans);
    const bias = addBiases(biases[i], correction);
    return {
      node: member.node,
      layer: member.layer,
      weight,
      bias: bias && quantizeBias(bias, member.inputScale, settled),
    };
  });
}

/** What quantizing takes off each weight. */
function lostWeight(
  values: Float32Array,
  dims: readonly number[],
  axis: number | undefined,
  quantized: Int8Array,
  scales: Float32Array,
): Float32Array {
  const inner = axis === undefined ? values.length : elementCount(dims.slice(axis + 1));
  const lost = new Float32Array(values.length);
  for (let start = 0, channel = 0; start < values.length; start += inner, channel = (channel + 1) % scales.length) {
    const scale = scales[channel]!;
    for (let i = start; i < start + inner; i++) lost[i] = values[i]! - quantized[i]! * scale;
  }
  return lost;
}

function addBiases(bias: Float64Array | undefined, correction: Float64Array | undefined): Float64Array | undefined {
  if (bias === undefined || correction === undefined) return bias ?? correction;
  return bias.map((value, channel) => value + correction[channel]!);
}

/** The bias of a layer, one number per channel, times what the operator multiplies it by. */
function biasOf({ node, layer }: LayerToQuantize, channels: number): Float64Array | undefined {
  if (layer.bias === undefined) return undefined;
  const { beta } = layerFactors(node);
  const values = toFloat32(layer.bias.value.constant!);
  return Float64Array.from({ length: channels }, (_, c) => values[values.length === 1 ? 0 : c]! * beta);
}
