import type { InputMoments } from '../../../quantize/round-to-covariance.ts';
import { PADDING } from '../legalize/spatial.ts';
import type { TfOperator } from '../tflite/tf-graph.ts';

/** How the results of a layer read its input: each of a group's outputs multiplies the same `size` values. */
export interface PatchLayout {
  readonly groups: number;
  readonly size: number;
  /** Output channels, as many in turn for each group. */
  readonly outputs: number;
  /** The place of a weight, by output and input within its patch. */
  weightAt(output: number, input: number): number;
  /** Places in the input of each group's patch for one result; negative where there is padding. */
  placesOf(group: number, position: number): Int32Array;
  /** Places of results, over all axes but the channels. */
  readonly positions: number;
}

/** How a layer reads its input; none for operators that are no layers, or read it in another way. */
export function patchLayout({
  name,
  inputs: [x, weights],
  outputs: [result],
  options,
}: TfOperator): PatchLayout | undefined {
  if (x === undefined || weights === undefined || result === undefined) return undefined;
  if (name === 'FULLY_CONNECTED') {
    const [outputs = 0, size = 0] = weights.shape;
    const places = new Int32Array(size);
    const positions = x.shape.reduce((a, b) => a * b, 1) / size;
    return {
      groups: 1,
      size,
      outputs,
      positions,
      weightAt: (output, input) => output * size + input,
      placesOf: (_, position) => places.map((_place, k) => position * size + k),
    };
  }
  const depthwise = name === 'DEPTHWISE_CONV_2D';
  if (!depthwise && name !== 'CONV_2D') return undefined;
  const [, height = 0, width = 0] = weights.shape;
  const [batch = 1, inputHeight = 0, inputWidth = 0, channels = 0] = x.shape;
  const [, outputHeight = 0, outputWidth = 0, outputs = 0] = result.shape;
  const perGroup = depthwise ? 1 : weights.shape[3]!;
  const groups = channels / perGroup;
  const size = height * width * perGroup;
  const rows = windowStarts(options, 'h', { input: inputHeight, output: outputHeight, kernel: height });
  const columns = windowStarts(options, 'w', { input: inputWidth, output: outputWidth, kernel: width });
  const places = new Int32Array(size);
  return {
    groups,
    size,
    outputs,
    positions: batch * outputHeight * outputWidth,
    weightAt: depthwise ? (output, input) => input * outputs + output : (output, input) => output * size + input,
    placesOf(group, position) {
      const column = columns.start(position % outputWidth);
      const row = rows.start(Math.floor(position / outputWidth) % outputHeight);
      const image = Math.floor(position / (outputWidth * outputHeight));
      let at = 0;
      for (let i = 0; i < height; i++) {
        const y = row + i * rows.dilation;
        for (let j = 0; j < width; j++) {
          const z = column + j * columns.dilation;
          const inside = y >= 0 && y < inputHeight && z >= 0 && z < inputWidth;
          const first = inside ? ((image * inputHeight + y) * inputWidth + z) * channels + group * perGroup : -1;
          for (let c = 0; c < perGroup; c++) places[at++] = inside ? first + c : -1;
        }
      }
      return places;
    },
  };
}

interface WindowSizes {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
}

/** Where the windows along one axis begin: with padding SAME before the input by half of what they reach over it. */
function windowStarts(options: TfOperator['options'], axis: 'h' | 'w', { input, output, kernel }: WindowSizes) {
  const stride = Number(options[`stride_${axis}`] ?? 1);
  const dilation = Number(options[`dilation_${axis}_factor`] ?? 1);
  const total = Math.max(0, (output - 1) * stride + (kernel - 1) * dilation + 1 - input);
  const begin = options.padding === PADDING.SAME ? Math.floor(total / 2) : 0;
  return { dilation, start: (index: number) => index * stride - begin };
}

/** Gathers the moments of a layer's patches. */
export interface PatchMoments {
  /** Adds the patches of at most `limit` results, spread evenly over the input of one sample. */
  observe(values: Float32Array, limit: number): void;
  /** Mean of each input of a group's patch. */
  means(group: number): Float64Array;
  /** Moments about the means. */
  centered(group: number): InputMoments;
}

export function patchMoments(layout: PatchLayout): PatchMoments {
  const { groups, size } = layout;
  const sums = Array.from({ length: groups }, () => new Float64Array(size));
  const products = Array.from({ length: groups }, () => new Float64Array(size * size));
  const patch = new Float64Array(size);
  let count = 0;
  return {
    observe(values, limit) {
      const observed = Math.min(limit, layout.positions);
      count += observed;
      for (let k = 0; k < observed; k++) {
        const position = Math.floor((k * layout.positions) / observed);
        for (let group = 0; group < groups; group++) {
          const places = layout.placesOf(group, position);
          for (let i = 0; i < size; i++) patch[i] = places[i]! < 0 ? 0 : values[places[i]!]!;
          addProducts(patch, sums[group]!, products[group]!);
        }
      }
    },
    means: (group) => sums[group]!.map((sum) => sum / Math.max(1, count)),
    centered(group) {
      const totals = sums[group]!;
      const central = new Float64Array(size * size);
      for (let i = 0; i < size; i++) {
        for (let j = 0; j <= i; j++) {
          const value = products[group]![i * size + j]! - (totals[i]! * totals[j]!) / Math.max(1, count);
          central[i * size + j] = value;
          central[j * size + i] = value;
        }
      }
      return { size, products: central, count };
    },
  };
}

/** Adds a patch to the sums, and its products to the lower triangle. */
function addProducts(patch: Float64Array, sums: Float64Array, products: Float64Array): void {
  const size = patch.length;
  for (let i = 0; i < size; i++) {
    const value = patch[i]!;
    // Many are, after a Relu.
    if (value === 0) continue;
    sums[i] = sums[i]! + value;
    const row = i * size;
    for (let j = 0; j <= i; j++) products[row + j] = products[row + j]! + value * patch[j]!;
  }
}
