import { fail } from '../diagnostics/modelpress-error.ts';
import { elementCount } from '../ir/tensor.ts';
import type { Affine } from './convert-elements.ts';
import type { InputOptions } from './dataset-options.ts';
import { type AxisOrder, dimsText } from './fit-shape.ts';

/** A layout of images: channels before or after height and width. */
export type Layout = 'NCHW' | 'NHWC';

/**
 * The layout of an input of four dimensions, where its channels tell: 1 or 3 of them on exactly one of both sides, or
 * else 4.
 */
export function layoutOf(dims: readonly (number | string | undefined)[]): Layout | undefined {
  if (dims.length !== 4) return undefined;
  for (const counts of [[1, 3], [4]]) {
    const first = counts.some((channels) => dims[1] === channels);
    const last = counts.some((channels) => dims[3] === channels);
    if (first !== last) return first ? 'NCHW' : 'NHWC';
    if (first) return undefined;
  }
  return undefined;
}

/**
 * What scale, mean and std do to a tensor of these dimensions, or undefined where they change nothing.
 *
 * @throws ModelpressError `data-options` when there are several means and no axis, or more than one, of that length.
 */
export function affineOf(options: InputOptions, dims: readonly number[], input: string): Affine | undefined {
  const { scale = 1, mean = 0, std = 1, layout } = options;
  const means = typeof mean === 'number' ? [mean] : mean;
  const deviations = typeof std === 'number' ? [std] : std;
  if (scale === 1 && means.every((value) => value === 0) && deviations.every((value) => value === 1)) return undefined;
  const channels = Math.max(means.length, deviations.length);
  if ([means, deviations].some((list) => list.length !== 1 && list.length !== channels)) {
    return invalid(input, `mean has ${means.length} numbers and std ${deviations.length}`);
  }
  if (channels === 1)
    return { scale, mean: means, std: deviations, channels, channelStride: Math.max(1, elementCount(dims)) };
  const axis = channelAxis(dims, channels, layout);
  if (axis === undefined) {
    return invalid(input, `${channels} means or deviations, which no single axis of ${dimsText(dims)} is for`);
  }
  return { scale, mean: means, std: deviations, channels, channelStride: elementCount(dims.slice(axis + 1)) };
}

/**
 * Where each element of a tensor of `dims` stands in data that is ordered otherwise or has its first and third channel
 * swapped; undefined where it stays in its place.
 *
 * @throws ModelpressError `data-options` when channels are to be swapped where there are not three.
 */
export function gatherOf(
  order: AxisOrder,
  options: InputOptions,
  dims: readonly number[],
  input: string,
): Int32Array | undefined {
  const swap = options.channelOrder === 'BGR';
  if (order === 'same' && !swap) return undefined;
  const axis = order === 'same' ? channelAxis(dims, 3, options.layout) : order === 'hwc-to-chw' ? 1 : 3;
  if (axis === undefined || (swap && dims[axis] !== 3)) {
    return invalid(input, `channelOrder BGR needs one axis of three channels, not ${dimsText(dims)}`);
  }
  const channels = dims[axis]!;
  const inner = elementCount(dims.slice(axis + 1));
  const block = channels * inner;
  const gather = new Int32Array(elementCount(dims));
  if (order === 'same') {
    return gather.map((_, to) => {
      const channel = Math.floor(to / inner) % channels;
      return to + (channels - 1 - 2 * channel) * inner;
    });
  }
  const pixels = order === 'hwc-to-chw' ? inner : dims[1]! * dims[2]!;
  const image = pixels * channels;
  return gather.map((_, to) => {
    const start = to - (to % image);
    const within = to - start;
    const [channel, pixel] =
      order === 'hwc-to-chw'
        ? [Math.floor(within / inner) % channels, within % inner]
        : [within % block, Math.floor(within / block)];
    const source = swap ? channels - 1 - channel : channel;
    return start + (order === 'hwc-to-chw' ? pixel * channels + source : source * pixels + pixel);
  });
}

function channelAxis(dims: readonly number[], channels: number, layout: Layout | undefined): number | undefined {
  if (layout !== undefined) {
    const axis = layout === 'NCHW' ? 1 : dims.length - 1;
    return dims[axis] === channels ? axis : undefined;
  }
  const axes = [...new Set([1, dims.length - 1])].filter((axis) => dims[axis] === channels);
  return axes.length === 1 ? axes[0] : undefined;
}

function invalid(input: string, message: string): never {
  return fail({
    code: 'data-options',
    at: input,
    message,
    hint: 'Give one mean and one std, or as many as the input has channels, and the layout where it is not clear.',
  });
}
