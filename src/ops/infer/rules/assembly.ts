import type { Dim, Shape } from '../../../ir/shape.ts';
import { tensorType } from '../../../ir/value-type.ts';
import { addDims, ceilDivDims, floorDivDims, maxDims, mulDims, subDims, sumDims } from '../../dims/dim-arithmetic.ts';
import { normalizeAxes, normalizeAxis, unknownShape, withDim } from '../axis.ts';
import { broadcastShapes, unifyShapes } from '../broadcast.ts';
import { type InferRule, type InferRules, resultDtype } from '../infer-rule.ts';
import type { NodeCall } from '../node-call.ts';

/** The shape of operands `shapes` joined along `axis`. */
export function concatenatedShape(shapes: readonly (Shape | undefined)[], axis: number): Shape | undefined {
  const rank = shapes.find((shape) => shape !== undefined)?.length;
  const at = rank === undefined ? undefined : normalizeAxis(axis, rank);
  if (rank === undefined || at === undefined) return undefined;
  if (shapes.some((shape) => shape !== undefined && shape.length !== rank)) return undefined;
  const others = shapes.map((shape) => shape && withDim(shape, at, 0)).reduce(unifyShapes, undefined);
  return others && withDim(others, at, sumDims(shapes.map((shape) => shape?.[at])));
}

const concat: InferRule = (call) => [concatenatedShape(call.shapes(), call.int('axis') ?? 1)];

/**
 * The sizes of the parts of a `Split`: given by an attribute (before opset 13) or operand 1, else equal, the last one
 * smaller where `num_outputs` does not divide.
 */
export function splitSizes(call: NodeCall, dim: Dim): readonly Dim[] {
  const count = call.node.outputs.length;
  const given =
    call.since < 13 && call.ints('split') !== undefined
      ? call.ints('split')
      : call.has(1)
        ? call.elements(1)
        : undefined;
  if (given !== undefined) return given;
  if (call.since >= 13 && call.has(1)) return [];
  if (call.since < 18) return new Array<Dim>(count).fill(floorDivDims(dim, count));
  const parts = call.int('num_outputs') ?? count;
  const size = ceilDivDims(dim, parts);
  const last = subDims(dim, mulDims(size, parts - 1));
  return Array.from({ length: count }, (_, i) => (i === parts - 1 ? last : size));
}

const split: InferRule = (call) => {
  const data = call.shape(0);
  const axis = data && normalizeAxis(call.int('axis') ?? 0, data.length);
  if (data === undefined || axis === undefined) return [];
  const sizes = splitSizes(call, data[axis]);
  return call.node.outputs.map((_, i) => withDim(data, axis, sizes[i]));
};

/** What `Pad` adds to each axis: an attribute before opset 11 (`paddings` in 1), operand 1 from then on. */
const pad: InferRule = (call) => {
  const data = call.shape(0);
  if (data === undefined) return [undefined];
  const attribute = call.schema.attributes.has('paddings') ? 'paddings' : 'pads';
  const pads = call.schema.attributes.has(attribute) ? call.ints(attribute) : call.elements(1);
  const rank = data.length;
  const axes = call.has(3) ? normalizeAxes(call.elements(3), rank) : data.map((_, i) => i);
  if (pads === undefined || axes === undefined || pads.length !== 2 * axes.length) return [unknownShape(rank)];
  const result: Dim[] = [...data];
  for (const [i, axis] of axes.entries()) result[axis] = addDims(data[axis], addDims(pads[i], pads[i + axes.length]));
  return [result];
};

const expand: InferRule = (call) => [broadcastShapes([call.shape(0), call.elements(1)])];

const tile: InferRule = (call) => {
  const data = call.shape(0);
  if (data === undefined) return [undefined];
  if (call.since < 6) {
    const axis = call.scalar(2);
    const at = typeof axis === 'number' ? normalizeAxis(axis, data.length) : undefined;
    return [at === undefined ? unknownShape(data.length) : withDim(data, at, mulDims(data[at], call.scalar(1)))];
  }
  const repeats = call.elements(1);
  return [repeats?.length === data.length ? data.map((dim, i) => mulDims(dim, repeats[i])) : unknownShape(data.length)];
};

const constantOfShape: InferRule = (call) => {
  const dtype = call.tensor('value')?.dtype ?? 'float32';
  const shape = call.elements(0);
  return [tensorType(dtype, shape)];
};

/** The number of elements from `start` to `limit` in steps of `delta`, where integers tell it. */
export function rangeLength(start: Dim, limit: Dim, delta: Dim): Dim {
  if (typeof delta !== 'number' || delta === 0) return undefined;
  if (typeof start === 'number' && typeof limit === 'number') return Math.max(Math.ceil((limit - start) / delta), 0);
  const distance = delta > 0 ? subDims(limit, start) : subDims(start, limit);
  return maxDims(ceilDivDims(distance, Math.abs(delta)), 0);
}

const range: InferRule = (call) => {
  const dtype = resultDtype(call, 0);
  const exact = dtype === 'int64' || dtype === 'int32' || dtype === 'int16';
  const bounds = [call.scalar(0), call.scalar(1), call.node.inputs.length < 3 ? 1 : call.scalar(2)] as const;
  const safe = exact || bounds.every((bound) => Number.isInteger(bound));
  return [[safe ? rangeLength(...bounds) : undefined]];
};

/** Operators that put tensors together, take them apart, repeat them or make them. */
export const ASSEMBLY_RULES: InferRules = {
  Concat: concat,
  Split: split,
  Pad: pad,
  Expand: expand,
  Tile: tile,
  ConstantOfShape: constantOfShape,
  Range: range,
  Shape: (call) => [[shapeRange(call)?.length]],
  Size: () => [[]],
  'com.microsoft.Pad': pad,
  'com.microsoft.Range': range,
  'com.microsoft.QLinearConcat': (call) => {
    const tensors = call.node.inputs.flatMap((_, i) => (i >= 2 && (i - 2) % 3 === 0 ? [call.shape(i)] : []));
    return [concatenatedShape(tensors, call.int('axis') ?? 1)];
  },
};

/** The dimensions that `Shape` reads, between its attributes `start` and `end`. */
export function shapeRange(call: NodeCall): Shape | undefined {
  return call.shape(0)?.slice(call.int('start') ?? 0, call.int('end') ?? undefined);
}
