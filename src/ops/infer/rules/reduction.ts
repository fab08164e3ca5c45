import type { Dim, Shape } from '../../../ir/shape.ts';
import { normalizeAxes, unknownShape } from '../axis.ts';
import type { InferRule, InferRules } from '../infer-rule.ts';
import type { NodeCall } from '../node-call.ts';

/**
 * The axes that a `Reduce*` node reduces over data of this rank: an attribute before opset 18 (`ReduceSum`: 13),
 * operand 1 from then on; all of them where none is given, unless `noop_with_empty_axes` says none.
 */
export function reducedAxes(call: NodeCall, rank: number): readonly number[] | undefined {
  const asOperand = call.schema.inputs.length > 1;
  const given: readonly Dim[] | undefined = asOperand
    ? call.has(1)
      ? call.elements(1)
      : []
    : (call.ints('axes') ?? []);
  if (given === undefined) return undefined;
  if (given.length > 0) return normalizeAxes(given, rank);
  return call.int('noop_with_empty_axes') === 1 ? [] : Array.from({ length: rank }, (_, i) => i);
}

/** A shape with these axes reduced to 1, or removed. */
export function reducedShape(data: Shape, axes: readonly number[], keepDims: boolean): Shape {
  if (keepDims) return data.map((dim, i) => (axes.includes(i) ? 1 : dim));
  return data.filter((_, i) => !axes.includes(i));
}

const reduce: InferRule = (call) => {
  const data = call.shape(0);
  const keepDims = call.int('keepdims') !== 0;
  if (data === undefined) {
    const all = !keepDims && call.int('noop_with_empty_axes') !== 1 && !call.has(1) && call.ints('axes') === undefined;
    return [all ? [] : undefined];
  }
  const axes = reducedAxes(call, data.length);
  if (axes !== undefined) return [reducedShape(data, axes, keepDims)];
  return [keepDims ? unknownShape(data.length) : undefined];
};

const OPERATORS = [
  ...'ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum'.split(' '),
  'ReduceSumSquare',
  'com.microsoft.ReduceSumInteger',
  'com.microsoft.QLinearReduceMean',
];

export const REDUCTION_RULES: InferRules = Object.fromEntries(OPERATORS.map((op) => [op, reduce]));
