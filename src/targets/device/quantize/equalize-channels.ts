import type { LiteRtOptions } from '../../../runtime/litert.ts';
import type { TfGraph, TfOperator, TfTensor } from '../tflite/tf-graph.ts';
import { type SampleFeed, watchTensors } from './observe-graph.ts';
import { floatsOf } from './quantized-constant.ts';
import { type ScalableChannels, scalableChannels } from './scalable-channels.ts';

/** Samples that channels are measured on; more find hardly larger peaks, as each channel has many values of a sample. */
const MEASURED_SAMPLES = 8;

/** How far channels are kept from the largest one, so that other data does not take them past it. */
const HEADROOM = 1.25;

/** Most that a channel is multiplied by: those that are all but silent on calibration data need not be on other data. */
const MOST = 32;

/** Steps of an 8-bit activation, and of one side of a weight. */
const STEPS = 255;
const WEIGHT_STEPS = 127;

/**
 * How much more the noise of a weight counts than that of an activation: it is the same at all positions of an image and
 * on all images, so that nothing after it averages it out.
 */
const WEIGHT_NOISE = 4;

/** What a channel was on calibration data. */
interface ChannelMeasure {
  readonly peaks: Float64Array;
  /** Sums of squares, and the values of each channel that they are of. */
  readonly squares: Float64Array;
  count: number;
  min: number;
  max: number;
}

/**
 * Multiplies the channels of activations that are small beside the largest, and divides what the next layers do with
 * them, so that one scale for all channels suits each (Nagel et al. 2019, arXiv:1906.04721, section 4.1). How far is
 * where the noise that rounding activations brings into the next layers and that of rounding their weights, which grow
 * uneven, are least together; weights of a depthwise layer have a scale for each channel and stay as even as they were.
 */
export async function equalizeChannels(
  graph: TfGraph,
  samples: readonly SampleFeed[],
  options: LiteRtOptions = {},
): Promise<TfGraph> {
  const found = scalableChannels(graph);
  const measures = new Map<TfTensor, ChannelMeasure>();
  await watchTensors(graph, [...new Set(found.flatMap(({ tensors }) => tensors))], {
    samples: samples.slice(0, MEASURED_SAMPLES),
    options,
    observe(tensor, values) {
      const known = measures.get(tensor) ?? emptyMeasure(tensor.shape.at(-1)!);
      measures.set(tensor, known);
      addValues(known, values);
    },
  });
  const scaled = new Scaled();
  for (const channels of found) {
    const factors = factorsOf(channels, measures, scaled);
    if (factors?.some((factor) => factor > 1)) scaled.multiply(channels, factors);
  }
  return { ...graph, operators: graph.operators.map((operator) => scaled.operatorOf(operator)) };
}

function emptyMeasure(channels: number): ChannelMeasure {
  return { peaks: new Float64Array(channels), squares: new Float64Array(channels), count: 0, min: 0, max: 0 };
}

function addValues(measure: ChannelMeasure, values: Float32Array): void {
  const { peaks, squares } = measure;
  const channels = peaks.length;
  measure.count += values.length / channels;
  for (let start = 0; start < values.length; start += channels) {
    for (let c = 0; c < channels; c++) {
      const value = values[start + c]!;
      // The fill before a maximum is no value.
      if (value < -1e38) continue;
      const magnitude = Math.abs(value);
      if (magnitude > peaks[c]!) peaks[c] = magnitude;
      if (value < measure.min) measure.min = value;
      if (value > measure.max) measure.max = value;
      squares[c] = squares[c]! + value * value;
    }
  }
}

/** What each channel is to be multiplied by; none where calibration data says nothing. */
function factorsOf(
  { maker, readers, tensors }: ScalableChannels,
  measures: ReadonlyMap<TfTensor, ChannelMeasure>,
  scaled: Scaled,
): Float64Array | undefined {
  const known = tensors.flatMap((tensor) => measures.get(tensor) ?? []);
  const [first] = known;
  if (first === undefined || known.length < tensors.length) return undefined;
  const read = known.at(-1)!;
  const channels = first.peaks.length;
  const most = new Float64Array(channels).fill(MOST);
  let activationNoise = 0;
  for (const { peaks, min, max } of known) {
    const peak = Math.max(-min, max);
    if (!Number.isFinite(peak)) return undefined;
    activationNoise += ((max - min) / STEPS) ** 2;
    for (let c = 0; c < channels; c++) most[c] = Math.min(most[c]!, peaks[c]! > 0 ? peak / (HEADROOM * peaks[c]!) : 1);
  }
  if (maker.name === 'FULLY_CONNECTED') keepLargestRow(most, scaled.weightsOf(maker));
  const gains = new Float64Array(channels);
  let weightNoise = 0;
  for (const reader of readers) {
    const weights = scaled.weightsOf(reader);
    const { shape } = reader.inputs[1]!;
    for (let i = 0; i < weights.length; i++) gains[i % channels] = gains[i % channels]! + weights[i]! ** 2;
    if (reader.name !== 'DEPTHWISE_CONV_2D') weightNoise += rowNoise(reader, weights, shape);
  }
  return gains.map((gain, c) => {
    const power = read.squares[c]! / Math.max(1, read.count);
    const best =
      weightNoise === 0
        ? Number.POSITIVE_INFINITY
        : ((gain * activationNoise) / (WEIGHT_NOISE * power * weightNoise)) ** 0.25;
    return Math.max(1, Math.min(most[c]!, best)) || 1;
  });
}

/** One scale serves all rows of a fully connected layer: no row may come to be larger than the largest. */
function keepLargestRow(most: Float64Array, weights: Float32Array): void {
  const size = weights.length / most.length;
  const peaks = most.map((_, row) => {
    let peak = 0;
    for (let i = row * size; i < (row + 1) * size; i++) peak = Math.max(peak, Math.abs(weights[i]!));
    return peak;
  });
  const largest = peaks.reduce((a, b) => Math.max(a, b), 0);
  for (const [row, peak] of peaks.entries()) if (peak > 0) most[row] = Math.min(most[row]!, largest / peak);
}

/** Sum over the weights that read one channel of the squared step of their row. */
function rowNoise({ name }: TfOperator, weights: Float32Array, shape: readonly number[]): number {
  const rows = shape[0]!;
  const size = weights.length / rows;
  const positions = size / shape.at(-1)!;
  let sum = 0;
  let largest = 0;
  for (let row = 0; row < rows; row++) {
    let peak = 0;
    for (let i = row * size; i < (row + 1) * size; i++) peak = Math.max(peak, Math.abs(weights[i]!));
    sum += (peak / WEIGHT_STEPS) ** 2;
    largest = Math.max(largest, peak);
  }
  return positions * (name === 'FULLY_CONNECTED' ? rows * (largest / WEIGHT_STEPS) ** 2 : sum);
}

/** Layers with their weights as multiplied so far. */
class Scaled {
  readonly #weights = new Map<TfOperator, Float32Array>();
  readonly #biases = new Map<TfOperator, Float32Array>();

  weightsOf(layer: TfOperator): Float32Array {
    return this.#weights.get(layer) ?? floatsOf(layer.inputs[1]!);
  }

  multiply({ maker, readers }: ScalableChannels, factors: Float64Array): void {
    const channels = factors.length;
    const weights = this.weightsOf(maker);
    const row = maker.name === 'DEPTHWISE_CONV_2D' ? undefined : weights.length / channels;
    const channelOf = (at: number) => (row === undefined ? at % channels : Math.floor(at / row));
    this.#weights.set(
      maker,
      weights.map((weight, at) => weight * factors[channelOf(at)]!),
    );
    const bias = this.#biases.get(maker) ?? floatsOf(maker.inputs[2]!);
    this.#biases.set(
      maker,
      bias.map((value, c) => value * factors[c]!),
    );
    for (const reader of readers) {
      const divided = this.weightsOf(reader).map((weight, at) => weight / factors[at % channels]!);
      this.#weights.set(reader, divided);
    }
  }

  operatorOf(operator: TfOperator): TfOperator {
    const constants = [undefined, this.#weights.get(operator), this.#biases.get(operator)];
    if (constants.every((values) => values === undefined)) return operator;
    const inputs = operator.inputs.map((tensor, k) => {
      const values = constants[k];
      if (tensor === undefined || values === undefined) return tensor;
      const { integers: _, ...rest } = tensor;
      return { ...rest, data: new Uint8Array(values.buffer) };
    });
    return { ...operator, inputs };
  }
}
