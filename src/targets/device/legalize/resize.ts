import { floatOf, intOf, textOf } from '../../../ir/attribute.ts';
import type { Node } from '../../../ir/node.ts';
import { toNumbers } from '../../../ir/tensor.ts';
import { constantIntegers } from '../../../rewrite/constant-numbers.ts';
import type { TfTensor } from '../tflite/tf-graph.ts';
import { reshape } from './broadcast-rank.ts';
import type { Legalization, LegalizationTable, LegalizeCall } from './legalization.ts';
import { gatherAxis } from './movement.ts';

/** How one axis is resized. */
interface ResizeAxis {
  readonly input: number;
  readonly output: number;
  /** Output elements per input element, as the model states it or as the sizes say. */
  readonly scale: number;
}

/** The place in the input that an output element is taken from (ONNX Resize). */
type PlaceOf = (axis: ResizeAxis, x: number) => number;

const PLACES: Readonly<Record<string, PlaceOf>> = {
  half_pixel: ({ scale }, x) => (x + 0.5) / scale - 0.5,
  pytorch_half_pixel: ({ scale, output }, x) => (output > 1 ? (x + 0.5) / scale - 0.5 : 0),
  asymmetric: ({ scale }, x) => x / scale,
  align_corners: ({ input, output }, x) => (output > 1 ? (x * (input - 1)) / (output - 1) : 0),
  half_pixel_symmetric: ({ input, output, scale }, x) =>
    (input / 2) * (1 - output / (scale * input)) + (x + 0.5) / scale - 0.5,
};

const ROUNDINGS: Readonly<Record<string, (place: number) => number>> = {
  round_prefer_floor: (place) => Math.ceil(place - 0.5),
  round_prefer_ceil: (place) => Math.floor(place + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** What TensorFlow Lite's two operators compute, by their options. */
const FORMS = [
  { options: {}, place: ({ input, output }: ResizeAxis, x: number) => x * (input / output) },
  {
    options: { half_pixel_centers: true },
    place: ({ input, output }: ResizeAxis, x: number) => (x + 0.5) * (input / output) - 0.5,
  },
  {
    options: { align_corners: true },
    place: ({ input, output }: ResizeAxis, x: number) => (output > 1 ? (x * (input - 1)) / (output - 1) : 0),
  },
] as const;

/** Differences of places that change a result by less than float32 does. */
const SAME_PLACE = 1e-6;
/** How far a size of float32 scales may be from the whole number that is meant, in elements. */
const SIZE_TOLERANCE = 1e-3;

const resize: Legalization = (call) => {
  const { node } = call;
  const axes = resizedAxes(call);
  const x = call.input(0);
  const mode = textOf(node, 'mode') ?? 'nearest';
  const coordinates = textOf(node, 'coordinate_transformation_mode') ?? (hasModes(call) ? 'half_pixel' : 'asymmetric');
  const place = PLACES[coordinates];
  if (place === undefined) {
    return call.refuse({
      code: 'device-resize-form',
      message: `Resize with ${coordinates} in this form has no operator`,
    });
  }
  if (coordinates === 'align_corners' && axes.some(isCutShort)) {
    // The specification's own code spreads the corners over the unrounded size, runtimes over the rounded one.
    call.refuse({ code: 'device-resize-form', message: 'Resize with align_corners by scales that give no whole size' });
  }
  if (mode === 'nearest') {
    const rounding = textOf(node, 'nearest_mode') ?? (hasModes(call) ? 'round_prefer_floor' : 'floor');
    return nearest(call, x, axes, (axis, k) => clamp(ROUNDINGS[rounding]!(place(axis, k)), axis.input));
  }
  const widens = intOf(node, 'antialias') === 1;
  const excludes = intOf(node, 'exclude_outside') === 1;
  if (mode === 'linear' && !widens && !excludes) return linear(call, x, axes, place);
  const coefficient = floatOf(node, 'cubic_coeff_a') ?? -0.75;
  const kernel: ResampleKernel =
    mode === 'linear'
      ? { radius: 1, weight: (d) => Math.max(0, 1 - d) }
      : { radius: 2, weight: (d) => keysWeight(d, coefficient) };
  return weighted(call, x, axes, (axis, k) =>
    kernelWeights(kernel, place(axis, k), {
      stretch: widens ? Math.min(1, axis.scale) : 1,
      excludes,
      size: axis.input,
    }),
  );
};

/** What weight an element at some distance has, up to a largest distance. */
interface ResampleKernel {
  readonly radius: number;
  weight(distance: number): number;
}

/** Whether the stated scale gives a size that had to be rounded. */
function isCutShort({ input, output, scale }: ResizeAxis): boolean {
  return Math.abs(input * scale - output) > SIZE_TOLERANCE;
}

/** Before opset 11 Resize and Upsample have no modes but one. */
function hasModes(call: LegalizeCall): boolean {
  return call.node.op === 'Resize' && call.opset >= 11;
}

/** The spatial axes, in order. Batch and channels must stay as they are. */
function resizedAxes(call: LegalizeCall): readonly ResizeAxis[] {
  const from = call.shape(0);
  const to = call.resultShape();
  if (from[0] !== to[0] || from[1] !== to[1]) {
    call.refuse({ code: 'device-resize-form', message: 'Resize of the batch or the channels has no operator' });
  }
  const scales = statedScales(call.node);
  return from.slice(2).map((input, k) => ({
    input,
    output: to[k + 2]!,
    scale: scales?.length === from.length ? scales[k + 2]! : to[k + 2]! / input,
  }));
}

function statedScales(node: Node): readonly number[] | undefined {
  if (node.inputs.length > 3 && (constantIntegers(node.inputs[3])?.length ?? 0) > 0) return undefined;
  const operand = node.op === 'Upsample' || node.inputs.length === 2 ? node.inputs[1] : node.inputs[2];
  const stated = operand?.constant;
  return stated === undefined || stated.dims[0] === 0 ? undefined : toNumbers(stated);
}

function nearest(
  call: LegalizeCall,
  x: TfTensor,
  axes: readonly ResizeAxis[],
  source: (axis: ResizeAxis, k: number) => number,
): void {
  const forms = axes.length === 2 ? NEAREST_FORMS : [];
  const form = forms.find(({ place }) => everyPlace(axes, (axis, k) => place(axis, k) === source(axis, k)));
  if (form !== undefined) {
    const sizes = call.integers(axes.map((axis) => axis.output));
    call.finish('RESIZE_NEAREST_NEIGHBOR', [x, sizes], form.options);
    return;
  }
  let result = x;
  for (const [at, axis] of axes.entries()) {
    const places = Array.from({ length: axis.output }, (_, k) => source(axis, k));
    result = gatherAxis(call, result, places, at + 1);
  }
  call.bind(result);
}

/** The element that TensorFlow Lite's nearest-neighbour operator takes, computed in float32 as it does. */
const NEAREST_FORMS = FORMS.map(({ options }) => ({
  options,
  place: ({ input, output }: ResizeAxis, k: number): number => {
    const corners = 'align_corners' in options && output > 1;
    const scale = corners ? Math.fround((input - 1) / (output - 1)) : Math.fround(input / output);
    const offset = 'half_pixel_centers' in options ? 0.5 : 0;
    const place = Math.fround(Math.fround(k + offset) * scale);
    const taken = 'align_corners' in options ? Math.round(place) : Math.floor(place);
    return clamp(taken, input);
  },
}));

function linear(call: LegalizeCall, x: TfTensor, axes: readonly ResizeAxis[], place: PlaceOf): void {
  const same = (axis: ResizeAxis, a: number, b: number): boolean =>
    Math.abs(clamp(a, axis.input) - clamp(b, axis.input)) < SAME_PLACE * axis.input;
  const form =
    axes.length === 2 &&
    FORMS.find((candidate) => everyPlace(axes, (axis, k) => same(axis, candidate.place(axis, k), place(axis, k))));
  if (form) {
    call.finish('RESIZE_BILINEAR', [x, call.integers(axes.map((axis) => axis.output))], form.options);
    return;
  }
  weighted(call, x, axes, (axis, k) => {
    const at = clamp(place(axis, k), axis.input);
    const first = Math.min(Math.floor(at), axis.input - 1);
    return [
      [first, 1 - (at - first)],
      [first + 1, at - first],
    ];
  });
}

/** Keys' kernel with parameter `a`, by the distance. */
function keysWeight(d: number, a: number): number {
  if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1;
  return d < 2 ? a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a : 0;
}

interface KernelSetting {
  /** Distances are multiplied by it: below 1 where a smaller image is to take in all elements. */
  readonly stretch: number;
  /** Whether elements beyond the ends count for nothing, instead of as the last ones. */
  readonly excludes: boolean;
  readonly size: number;
}

/** The neighbours of a place with their weights, which add up to one. */
function kernelWeights(
  { radius, weight }: ResampleKernel,
  place: number,
  { stretch, excludes, size }: KernelSetting,
): readonly (readonly [number, number])[] {
  const reach = radius / stretch;
  const found: [number, number][] = [];
  for (let at = Math.floor(place - reach) + 1; at < place + reach; at++) {
    if (excludes && (at < 0 || at >= size)) continue;
    found.push([at, weight(Math.abs(place - at) * stretch)]);
  }
  const sum = found.reduce((total, [, share]) => total + share, 0);
  return found.map(([at, share]) => [at, share / sum]);
}

/** Any resampling that is a weighted sum along each axis in turn, as a product with a constant matrix. */
function weighted(
  call: LegalizeCall,
  x: TfTensor,
  axes: readonly ResizeAxis[],
  weightsOf: (axis: ResizeAxis, k: number) => readonly (readonly [number, number])[],
): void {
  let result = x;
  for (const [at, axis] of axes.entries()) {
    const matrix = new Float32Array(axis.output * axis.input);
    for (let k = 0; k < axis.output; k++) {
      for (const [place, weight] of weightsOf(axis, k)) {
        const column = clamp(place, axis.input);
        matrix[k * axis.input + column] = matrix[k * axis.input + column]! + weight;
      }
    }
    const outer = result.shape.slice(0, at + 1).reduce((product, dim) => product * dim, 1);
    const inner = result.shape.slice(at + 2).reduce((product, dim) => product * dim, 1);
    const flat = reshape(call, result, [outer, axis.input, inner]);
    const weights = call.floats(matrix, [1, axis.output, axis.input], 'resampling');
    const shape = [outer, axis.output, inner];
    const product = call.emit('BATCH_MATMUL', [weights, flat], { shape, options: { adj_x: false, adj_y: false } });
    result = reshape(
      call,
      product,
      result.shape.map((dim, k) => (k === at + 1 ? axis.output : dim)),
    );
  }
  call.bind(result);
}

function everyPlace(axes: readonly ResizeAxis[], holds: (axis: ResizeAxis, k: number) => boolean): boolean {
  return axes.every((axis) => Array.from({ length: axis.output }, (_, k) => k).every((k) => holds(axis, k)));
}

function clamp(place: number, size: number): number {
  return Math.max(0, Math.min(size - 1, place));
}

export const RESIZE: LegalizationTable = { Resize: resize, Upsample: resize };
