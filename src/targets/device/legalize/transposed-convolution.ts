import { intsOf, textOf } from '../../../ir/attribute.ts';
import { elements, type Tensor } from '../../../ir/tensor.ts';
import { moveElements } from '../../nhwc/layout/permutation.ts';
import type { TfTensor } from '../tflite/tf-graph.ts';
import { reshape } from './broadcast-rank.ts';
import { biasOf, filterOf } from './convolution.ts';
import type { Legalization, LegalizeCall } from './legalization.ts';
import { groupsOf, PADDING } from './spatial.ts';

/** What a transposed convolution does along one spatial axis. */
interface SpreadAxis {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly begin: number;
}

/**
 * ConvTranspose with one or two spatial axes. The whole result is computed without padding, cut to what the model keeps
 * and lengthened with zeros where it asks for more; the bias is added after that.
 */
export const convTranspose: Legalization = (call) => {
  const [inputs = 0, perGroup = 0, ...kernel] = call.shape(1);
  const rank = kernel.length;
  if (rank < 1 || rank > 2) {
    call.refuse({ code: 'device-spatial-rank', message: `a transposed convolution over ${rank} axes` });
  }
  const dilations = intsOf(call.node, 'dilations') ?? [];
  const wide = kernel.map((size, k) => (size - 1) * (dilations[k] ?? 1) + 1);
  const axes = spreadAxes(call, wide);
  const window = rank === 2 ? axes : [{ input: 1, output: 1, kernel: 1, stride: 1, begin: 0 }, ...axes];
  const x = call.input(0);
  const source = rank === 2 ? x : reshape(call, x, [x.shape[0]!, 1, x.shape[1]!, x.shape[2]!]);
  const groups = groupsOf(call);
  const dims = [inputs, perGroup, ...(rank === 2 ? wide : [1, ...wide])];
  const filters = filtersOf(call, dims, groups);
  const parts = filters.map((filter, group) => spread(call, groupOf(call, source, group, groups), filter, window));
  const outputs = perGroup * groups;
  const shape = [...parts[0]!.shape.slice(0, 3), outputs];
  const joined = groups === 1 ? parts[0]! : call.emit('CONCATENATION', parts, { shape, options: { axis: 3 } });
  const out = [x.shape[0]!, window[0]!.output, window[1]!.output, outputs];
  const fitted = cropped(call, joined, window, out);
  const result = call.has(2) ? call.emit('ADD', [fitted, biasOf(call, outputs)], { shape: out }) : fitted;
  call.bind(rank === 2 ? result : reshape(call, result, [out[0]!, out[2]!, out[3]!]));
};

/** The weights of each group, IOHW to OHWI; with `dims` wide enough for their dilation. */
function filtersOf(call: LegalizeCall, dims: readonly number[], groups: number): readonly TfTensor[] {
  const kernel = call.shape(1);
  const isWide = kernel.slice(2).some((size, k) => size !== dims[dims.length - (kernel.length - 2) + k]);
  if (groups === 1 && !isWide) return [filterOf(call, dims, [1, 2, 3, 0])];
  const weights = call.constant(1);
  if (weights === undefined || weights.dtype !== 'float32') {
    return call.refuse({
      code: 'device-weights-not-constant',
      message: 'the weights of a transposed convolution in groups or with gaps are no float32 constants',
      hint: 'Export the model with frozen weights.',
    });
  }
  const spelled = dilated(call, weights);
  return Array.from({ length: groups }, (_, group) => {
    const { shape, data } = groupWeights(spelled, dims, group, groups);
    return call.constantTensor('float32', shape, data, 'weights');
  });
}

function spreadAxes(call: LegalizeCall, kernel: readonly number[]): readonly SpreadAxis[] {
  const { node } = call;
  const rank = kernel.length;
  const input = call.shape(0).slice(2);
  const output = call.resultShape().slice(2);
  const strides = intsOf(node, 'strides') ?? new Array<number>(rank).fill(1);
  const extra = intsOf(node, 'output_padding') ?? new Array<number>(rank).fill(0);
  const pads = intsOf(node, 'pads');
  const auto = textOf(node, 'auto_pad') ?? 'NOTSET';
  return kernel.map((size, k) => {
    const stride = strides[k]!;
    const axis = { input: input[k]!, output: output[k]!, kernel: size, stride };
    // Given a size or a way of padding, what is cut off follows from the size.
    if (auto === 'NOTSET' && !node.attributes.has('output_shape')) return { ...axis, begin: pads?.[k] ?? 0 };
    const total = Math.max(0, stride * (axis.input - 1) + extra[k]! + size - axis.output);
    const small = Math.floor(total / 2);
    return { ...axis, begin: auto === 'SAME_UPPER' ? small : total - small };
  });
}

/** Weights in which a dilation is spelled out with zeros, as there is no operator for it. */
function dilated(call: LegalizeCall, weights: Tensor): Tensor {
  const dilations = intsOf(call.node, 'dilations');
  if (dilations === undefined || dilations.every((dilation) => dilation === 1)) return weights;
  const [inputs = 0, outputs = 0, ...kernel] = weights.dims;
  const wide = kernel.map((size, k) => (size - 1) * dilations[k]! + 1);
  const from = elements(weights) as Float32Array;
  const plane = wide.reduce((product, size) => product * size, 1);
  const narrow = kernel.reduce((product, size) => product * size, 1);
  const to = new Float32Array(inputs * outputs * plane);
  for (let i = 0; i < from.length; i++) {
    let rest = i % narrow;
    let at = 0;
    let step = 1;
    for (let k = kernel.length - 1; k >= 0; k--) {
      at += (rest % kernel[k]!) * dilations[k]! * step;
      rest = Math.floor(rest / kernel[k]!);
      step *= wide[k]!;
    }
    to[Math.floor(i / narrow) * plane + at] = from[i]!;
  }
  const bytes = new Uint8Array(to.buffer);
  return { dtype: 'float32', dims: [inputs, outputs, ...wide], storage: { kind: 'bytes', bytes } };
}

/** The channels of one group of a channels-last tensor. */
function groupOf(call: LegalizeCall, x: TfTensor, group: number, groups: number): TfTensor {
  if (groups === 1) return x;
  const size = x.shape[3]! / groups;
  const shape = [...x.shape.slice(0, 3), size];
  return call.emit('SLICE', [x, call.integers([0, 0, 0, group * size]), call.integers(shape)], { shape });
}

/** The weights of one group, IOHW to OHWI. */
function groupWeights(
  weights: Tensor,
  dims: readonly number[],
  group: number,
  groups: number,
): { readonly shape: readonly number[]; readonly data: Uint8Array } {
  const size = dims[0]! / groups;
  const block = elements(weights).length / groups;
  const values = (elements(weights) as Float32Array).slice(group * block, (group + 1) * block);
  const from = [size, ...dims.slice(1)];
  const order = [1, 2, 3, 0];
  return {
    shape: order.map((axis) => from[axis]!),
    data: moveElements(new Uint8Array(values.buffer), from, order, 4),
  };
}

function spread(call: LegalizeCall, x: TfTensor, filter: TfTensor, window: readonly SpreadAxis[]): TfTensor {
  const full = window.map((axis) => (axis.input - 1) * axis.stride + axis.kernel);
  const shape = [x.shape[0]!, full[0]!, full[1]!, filter.shape[0]!];
  return call.emit('TRANSPOSE_CONV', [call.integers(shape), filter, x], {
    shape,
    options: { padding: PADDING.VALID, stride_h: window[0]!.stride, stride_w: window[1]!.stride },
  });
}

/** Cuts and lengthens the whole result to what the model keeps. */
function cropped(call: LegalizeCall, x: TfTensor, window: readonly SpreadAxis[], out: readonly number[]): TfTensor {
  const begins = [0, window[0]!.begin, window[1]!.begin, 0];
  const kept = x.shape.map((dim, k) => Math.min(dim - begins[k]!, out[k]!));
  const cut =
    kept.join() === x.shape.join()
      ? x
      : call.emit('SLICE', [x, call.integers(begins), call.integers(kept)], { shape: kept });
  if (kept.join() === out.join()) return cut;
  const pads = kept.flatMap((dim, k) => [0, out[k]! - dim]);
  return call.emit('PAD', [cut, call.integers(pads, [4, 2])], { shape: out });
}
