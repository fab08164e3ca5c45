import type { Dim, Shape } from '../../../ir/shape.ts';
import { addDims, ceilDivDims, maxDims, minDims, subDims } from '../../dims/dim-arithmetic.ts';
import { isAtLeast } from '../../dims/dim-facts.ts';
import { normalizeAxes, unknownShape } from '../axis.ts';
import type { InferRule, InferRules } from '../infer-rule.ts';
import type { NodeCall } from '../node-call.ts';

/** Sentinels for "to the end" lie beyond any size that a dimension can have. */
const BEYOND_ANY_SIZE = 2 ** 31 - 1;

/** What a slice takes of each axis that it names, counted from the front. */
export interface SliceRange {
  readonly axis: number;
  readonly start: Dim;
  readonly end: Dim;
  readonly step: Dim;
}

/** The ranges of a `Slice` over data of this rank: attributes before opset 10, operands from then on. */
export function sliceRanges(call: NodeCall, rank: number): readonly SliceRange[] | undefined {
  const old = call.since < 10 && call.node.op === 'Slice';
  const starts = old ? call.ints('starts') : call.elements(1);
  const ends = old ? call.ints('ends') : call.elements(2);
  const count = starts?.length ?? ends?.length;
  if (count === undefined) return undefined;
  const given = old ? call.ints('axes') : call.has(3) ? call.elements(3) : undefined;
  const isGiven = old ? given !== undefined : call.has(3);
  const axes = normalizeAxes(isGiven ? given : Array.from({ length: count }, (_, i) => i), rank);
  const steps = old || !call.has(4) ? undefined : (call.elements(4) ?? []);
  return axes?.map((axis, i) => ({
    axis,
    start: starts?.[i],
    end: ends?.[i],
    step: steps === undefined ? 1 : steps[i],
  }));
}

/** The number of elements that a range takes of `dim` elements. */
export function slicedDim(dim: Dim, { start, end, step }: Omit<SliceRange, 'axis'>): Dim {
  if (dim === undefined || typeof step !== 'number' || step === 0) return undefined;
  if (typeof dim === 'number' && typeof start === 'number' && typeof end === 'number')
    return countOfRange(dim, start, end, step);
  if (step < 0) {
    const whole = step === -1 && (start === -1 || (typeof start === 'number' && start >= BEYOND_ANY_SIZE));
    return whole && typeof end === 'number' && end < -BEYOND_ANY_SIZE ? dim : undefined;
  }
  const last = clampedBound(end, dim);
  if (last === dim && typeof start === 'number' && start < 0) return ceilDivDims(minDims(-start, dim), step);
  // A start beyond the end gives the same length, none, as one clamped to it.
  const first = start !== undefined && isAtLeast(start, 0) ? start : clampedBound(start, dim);
  const length = first === 0 ? last : subDims(last, first);
  return ceilDivDims(first === 0 || isAtLeast(length, 0) ? length : maxDims(length, 0), step);
}

/** A bound counted from the front and clamped to `0..dim`, where its sign is known. */
function clampedBound(bound: Dim, dim: Dim): Dim {
  if (bound === undefined || bound === 0) return bound;
  if (typeof bound === 'number' && bound >= BEYOND_ANY_SIZE) return dim;
  if (typeof bound === 'number' && bound < 0) return bound <= -BEYOND_ANY_SIZE ? 0 : maxDims(addDims(dim, bound), 0);
  return isAtLeast(bound, 0) ? minDims(bound, dim) : undefined;
}

function countOfRange(dim: number, start: number, end: number, step: number): number {
  const clamp = (bound: number, low: number, high: number) =>
    Math.min(Math.max(bound < 0 ? bound + dim : bound, low), high);
  const first = step > 0 ? clamp(start, 0, dim) : clamp(start, 0, dim - 1);
  const last = step > 0 ? clamp(end, 0, dim) : clamp(end, -1, dim - 1);
  return Math.max(Math.ceil((last - first) / step), 0);
}

const slice: InferRule = (call) => {
  const data = call.shape(0);
  if (data === undefined) return [undefined];
  const ranges = sliceRanges(call, data.length);
  if (ranges === undefined) return [unknownShape(data.length)];
  const result: Dim[] = [...data];
  for (const range of ranges) result[range.axis] = slicedDim(data[range.axis], range);
  return [result];
};

/** The smaller of each axis is padded, the larger cropped, to the sizes in operand 1. */
const centerCropPad: InferRule = (call) => {
  const data = call.shape(0);
  const target = call.elements(1);
  if (data === undefined || target === undefined) return [data && unknownShape(data.length)];
  const axes = normalizeAxes(call.ints('axes') ?? data.map((_, i) => i), data.length);
  if (axes === undefined) return [unknownShape(data.length)];
  const result: Dim[] = [...data];
  for (const [i, axis] of axes.entries()) result[axis] = target[i];
  return [result];
};

/** Cuts `border` (left, top, right, bottom) off the last two axes, or keeps `scale` of them from the left and top on. */
const crop: InferRule = (call) => {
  const data = call.shape(0);
  const border = call.ints('border');
  if (data?.length !== 4 || border?.length !== 4) return [data && unknownShape(data.length)];
  const [left, top, right, bottom] = border as [number, number, number, number];
  const scale = call.ints('scale');
  const kept: Shape = scale?.length === 2 ? scale : [subDims(data[2], top + bottom), subDims(data[3], left + right)];
  return [[data[0], data[1], ...kept]];
};

export const SLICE_RULES: InferRules = { Slice: slice, DynamicSlice: slice, CenterCropPad: centerCropPad, Crop: crop };
