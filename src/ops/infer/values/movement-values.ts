import type { Dim } from '../../../ir/shape.ts';
import { elementCount } from '../../../ir/tensor.ts';
import { dtypeOf, type ValueType } from '../../../ir/value-type.ts';
import { normalizeAxis } from '../axis.ts';
import type { ValueRule } from '../infer-rule.ts';
import { sliceRanges } from '../rules/slice.ts';
import { isKnown, type SymbolicValue, symbolicValue } from '../symbolic-value.ts';
import { broadcastOffset, coordinatesOf, offsetOf } from './element-layout.ts';
import { resultDims } from './result-dims.ts';

/** The operand's elements under the result's sizes. */
const reshaped: ValueRule = (call, types) => {
  const value = call.value(0);
  const dims = resultDims(types[0]);
  return [value && dims && symbolicValue(value.dtype, dims, value.elements)];
};

/** A result whose element at given coordinates is the operand's element at others. */
function picked(
  value: SymbolicValue | undefined,
  type: ValueType | undefined,
  place: (at: readonly number[]) => number | undefined,
) {
  const dims = resultDims(type);
  if (value === undefined || dims === undefined) return undefined;
  const elements = coordinatesOf(dims).map((at): Dim => {
    const from = place(at);
    return from === undefined ? undefined : value.elements[from];
  });
  return symbolicValue(value.dtype, dims, elements);
}

/** Coordinates with another place along one axis. */
function movedTo(at: readonly number[], axis: number, place: number): number[] {
  return at.map((coordinate, i) => (i === axis ? place : coordinate));
}

const transpose: ValueRule = (call, types) => {
  const value = call.value(0);
  if (value === undefined) return [];
  const perm = call.ints('perm') ?? value.dims.map((_, i) => value.dims.length - 1 - i);
  return [
    picked(value, types[0], (at) =>
      offsetOf(
        value.dims.map((_, axis) => at[perm.indexOf(axis)] ?? 0),
        value.dims,
      ),
    ),
  ];
};

const expand: ValueRule = (call, types) => {
  const value = call.value(0);
  return [value && picked(value, types[0], (at) => broadcastOffset(at, value.dims))];
};

const tile: ValueRule = (call, types) => {
  const value = call.value(0);
  if (value === undefined || call.since < 6) return [];
  return [
    picked(value, types[0], (at) =>
      offsetOf(
        at.map((coordinate, axis) => coordinate % value.dims[axis]!),
        value.dims,
      ),
    ),
  ];
};

const slice: ValueRule = (call, types) => {
  const value = call.value(0);
  if (value === undefined) return [];
  const ranges = sliceRanges(call, value.dims.length);
  if (ranges === undefined || ranges.some(({ start, step }) => typeof start !== 'number' || typeof step !== 'number'))
    return [];
  const steps = value.dims.map((dim, axis) => {
    const range = ranges.find((each) => each.axis === axis);
    if (range === undefined) return { first: 0, step: 1 };
    const [start, step] = [range.start as number, range.step as number];
    const first = Math.min(Math.max(start < 0 ? start + dim : start, 0), step > 0 ? dim : dim - 1);
    return { first, step };
  });
  return [
    picked(value, types[0], (at) =>
      offsetOf(
        at.map((coordinate, axis) => steps[axis]!.first + coordinate * steps[axis]!.step),
        value.dims,
      ),
    ),
  ];
};

const gather: ValueRule = (call, types) => {
  const value = call.value(0);
  const indices = call.value(1);
  if (value === undefined || indices === undefined) return [];
  const axis = normalizeAxis(call.int('axis') ?? 0, value.dims.length);
  if (axis === undefined) return [];
  return [
    picked(value, types[0], (at) => {
      const index = indices.elements[offsetOf(at.slice(axis, axis + indices.dims.length), indices.dims)];
      const place = typeof index === 'number' ? normalizeAxis(index, value.dims[axis]!) : undefined;
      return place === undefined
        ? undefined
        : offsetOf([...at.slice(0, axis), place, ...at.slice(axis + indices.dims.length)], value.dims);
    }),
  ];
};

const gatherElements: ValueRule = (call, types) => {
  const value = call.value(0);
  const indices = call.value(1);
  const axis = value && normalizeAxis(call.int('axis') ?? 0, value.dims.length);
  if (value === undefined || indices === undefined || axis === undefined) return [];
  return [
    picked(value, types[0], (at) => {
      const index = indices.elements[offsetOf(at, indices.dims)];
      const place = typeof index === 'number' ? normalizeAxis(index, value.dims[axis]!) : undefined;
      return place === undefined ? undefined : offsetOf(movedTo(at, axis, place), value.dims);
    }),
  ];
};

const gatherND: ValueRule = (call, types) => {
  const value = call.value(0);
  const indices = call.value(1);
  if (value === undefined || !isKnown(indices) || call.int('batch_dims') !== 0) return [];
  const depth = indices.dims.at(-1)!;
  const lead = indices.dims.length - 1;
  return [
    picked(value, types[0], (at) => {
      const from = offsetOf([...at.slice(0, lead), 0], indices.dims);
      const place = Array.from({ length: depth }, (_, i) => normalizeAxis(indices.elements[from + i], value.dims[i]!));
      return place.includes(undefined) ? undefined : offsetOf([...(place as number[]), ...at.slice(lead)], value.dims);
    }),
  ];
};

const concat: ValueRule = (call, types) => {
  const dims = resultDims(types[0]);
  const dtype = dtypeOf(types[0]);
  const axis = dims && normalizeAxis(call.int('axis') ?? 1, dims.length);
  if (dims === undefined || dtype === undefined || axis === undefined) return [];
  const parts: {
    readonly from: number;
    readonly dims: readonly number[];
    readonly value: SymbolicValue | undefined;
  }[] = [];
  let from = 0;
  for (let i = 0; i < call.node.inputs.length; i++) {
    const part = resultDims(call.type(i));
    if (part === undefined) return [];
    parts.push({ from, dims: part, value: call.value(i) });
    from += part[axis]!;
  }
  const elements = coordinatesOf(dims).map((at): Dim => {
    const part = parts.findLast((each) => each.from <= at[axis]! && each.dims[axis]! > 0)!;
    return part.value?.elements[offsetOf(movedTo(at, axis, at[axis]! - part.from), part.dims)];
  });
  return [symbolicValue(dtype, dims, elements)];
};

const split: ValueRule = (call, types) => {
  const value = call.value(0);
  const axis = value && normalizeAxis(call.int('axis') ?? 0, value.dims.length);
  if (value === undefined || axis === undefined) return [];
  let from = 0;
  return types.map((type) => {
    const dims = resultDims(type);
    const start = from;
    from = dims === undefined ? Number.NaN : from + dims[axis]!;
    return Number.isNaN(start)
      ? undefined
      : picked(value, type, (at) => offsetOf(movedTo(at, axis, at[axis]! + start), value.dims));
  });
};

/** Rows of the data replaced by updates; where an index is unknown any row may be. */
const scatterND: ValueRule = (call, types) => {
  const value = call.value(0);
  const indices = call.value(1);
  const updates = call.value(2);
  const dims = resultDims(types[0]);
  if (value === undefined || !isKnown(indices) || dims === undefined || (call.text('reduction') ?? 'none') !== 'none')
    return [];
  const depth = indices.dims.at(-1)!;
  const block = elementCount(dims.slice(depth));
  const elements: Dim[] = [...value.elements];
  for (let row = 0; row < elementCount(indices.dims.slice(0, -1)); row++) {
    const place = Array.from({ length: depth }, (_, i) => normalizeAxis(indices.elements[row * depth + i], dims[i]!));
    if (place.includes(undefined)) return [];
    const at = offsetOf([...(place as number[]), ...dims.slice(depth).map(() => 0)], dims);
    for (let i = 0; i < block; i++) elements[at + i] = updates?.elements[row * block + i];
  }
  return [symbolicValue(value.dtype, dims, elements)];
};

export const MOVEMENT_VALUES: Readonly<Record<string, ValueRule>> = {
  Reshape: reshaped,
  Flatten: reshaped,
  Squeeze: reshaped,
  Unsqueeze: reshaped,
  Transpose: transpose,
  Expand: expand,
  Tile: tile,
  Slice: slice,
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  Concat: concat,
  Split: split,
  ScatterND: scatterND,
};
