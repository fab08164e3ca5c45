import type { Dim, Shape } from '../../../ir/shape.ts';
import { addDims, ceilDivDims, floorDivDims, minDims, mulDims, subDims } from '../../dims/dim-arithmetic.ts';
import type { NodeCall } from '../node-call.ts';

/**
 * How a window slides over the spatial axes: one entry per axis, `pads` first the beginnings, then the ends.
 *
 * What follows for symbols holds for all sizes that the window fits into once; ONNX does not define smaller ones.
 */
export interface Window {
  readonly kernel: readonly Dim[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
  readonly autoPad: string;
}

/** The window of a convolution or pool over `rank` spatial axes; nothing where an attribute has another length. */
export function windowOf(call: NodeCall, rank: number, weightKernel?: readonly Dim[]): Window | undefined {
  const kernel = call.ints('kernel_shape') ?? weightKernel;
  const strides = filled(call.ints('strides'), rank, 1);
  const dilations = filled(call.ints('dilations'), rank, 1);
  const pads = filled(call.ints('pads'), 2 * rank, 0);
  if (kernel?.length !== rank || strides === undefined || dilations === undefined || pads === undefined)
    return undefined;
  if (strides.some((stride) => stride < 1) || dilations.some((dilation) => dilation < 1)) return undefined;
  return { kernel, strides, dilations, pads, autoPad: call.text('auto_pad') || 'NOTSET' };
}

function filled(
  values: readonly number[] | undefined,
  length: number,
  fallback: number,
): readonly number[] | undefined {
  if (values === undefined || values.length === 0) return new Array<number>(length).fill(fallback);
  return values.length === length ? values : undefined;
}

/** Elements that a dilated kernel spans: `(kernel - 1) * dilation + 1`. */
export function spanOf(kernel: Dim, dilation: number): Dim {
  return addDims(mulDims(subDims(kernel, 1), dilation), 1);
}

/** The spatial sizes of a convolution: `floor((in + pads - span) / stride) + 1`, or `ceil(in / stride)` with SAME. */
export function convolvedDims(spatial: Shape, window: Window): Shape {
  return spatial.map((dim, axis) => {
    const stride = window.strides[axis]!;
    if (window.autoPad.startsWith('SAME')) return ceilDivDims(dim, stride);
    return steps(slack(dim, window, axis), stride);
  });
}

/**
 * The spatial sizes of a pool. With `ceil_mode` the last window may start in the input or its leading pads but not
 * beyond, as ONNX Runtime and the ONNX reference clamp it.
 */
export function pooledDims(spatial: Shape, window: Window, ceilMode: boolean): Shape {
  return spatial.map((dim, axis) => {
    const stride = window.strides[axis]!;
    if (window.autoPad.startsWith('SAME')) return window.dilations[axis] === 1 ? ceilDivDims(dim, stride) : undefined;
    const room = slack(dim, window, axis);
    const floored = steps(room, stride);
    if (!ceilMode) return floored;
    const ceiled = negative(room) ? undefined : addDims(ceilDivDims(room, stride), 1);
    const begin = window.autoPad === 'VALID' ? 0 : window.pads[axis]!;
    const clamped = minDims(ceiled, ceilDivDims(addDims(dim, begin), stride));
    return window.autoPad === 'VALID' && clamped !== floored ? undefined : clamped;
  });
}

/** What one window leaves of each padded axis; nothing is demanded of an axis that is padded as needed. */
export function roomsOf(spatial: Shape, window: Window): Shape {
  return window.autoPad.startsWith('SAME') ? [] : spatial.map((dim, axis) => slack(dim, window, axis));
}

/** What is left of a padded axis after one window. */
function slack(dim: Dim, window: Window, axis: number): Dim {
  const rank = window.kernel.length;
  const padding = window.autoPad === 'VALID' ? 0 : window.pads[axis]! + window.pads[axis + rank]!;
  return subDims(addDims(dim, padding), spanOf(window.kernel[axis], window.dilations[axis]!));
}

function steps(room: Dim, stride: number): Dim {
  return negative(room) ? undefined : addDims(floorDivDims(room, stride), 1);
}

function negative(dim: Dim): boolean {
  return typeof dim === 'number' && dim < 0;
}

/** The spatial sizes of a transposed convolution without the attribute `output_shape`. */
export function transposedDims(spatial: Shape, window: Window, outputPadding: readonly number[]): Shape {
  const rank = window.kernel.length;
  return spatial.map((dim, axis) => {
    const stride = window.strides[axis]!;
    const span = addDims(spanOf(window.kernel[axis], window.dilations[axis]!), outputPadding[axis] ?? 0);
    const full = addDims(mulDims(subDims(dim, 1), stride), span);
    if (window.autoPad.startsWith('SAME')) {
      if (typeof span !== 'number') return undefined;
      return span >= stride ? mulDims(dim, stride) : full;
    }
    return window.autoPad === 'VALID' ? full : subDims(full, window.pads[axis]! + window.pads[axis + rank]!);
  });
}
