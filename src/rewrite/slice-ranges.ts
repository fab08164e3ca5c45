import { ints } from '../ir/attribute.ts';
import type { Node } from '../ir/node.ts';
import { int64Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { shapeOf } from '../ir/value-type.ts';
import { normalizeAxes } from '../ops/infer/axis.ts';
import type { Build } from './build.ts';
import { integersOf } from './constant-numbers.ts';

/** What a Slice takes of one axis: elements from `start` up to but without `end`, both as the node gives them. */
export interface SliceRange {
  /** Counted from the front. */
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** The first opset in which a Slice takes its ranges as operands. */
const OPERANDS_SINCE = 10;

/** Beyond every size; what a range that is open at its end is written with, because older runtimes read 32 bits. */
const TO_THE_END = 2 ** 31 - 1;

/** The ranges of a Slice in the order in which it gives them, or why they are not known. */
export function sliceRanges(slice: Node): readonly SliceRange[] | string {
  const rank = shapeOf(slice.inputs[0]?.type)?.length;
  const starts = integersOf(slice, 'starts', 1);
  const ends = integersOf(slice, 'ends', 2);
  const axes = integersOf(slice, 'axes', 3);
  const steps = integersOf(slice, 'steps', 4);
  if (rank === undefined) return 'the rank is not proven';
  if (typeof starts === 'string' || typeof ends === 'string' || axes === 'unknown' || steps === 'unknown')
    return 'the range of the Slice is not constant';
  const lengths = [ends, axes, steps].map((list) => (list === 'absent' ? starts.length : list.length));
  if (lengths.some((length) => length !== starts.length)) return 'the operands of the Slice are not equally long';
  const named = normalizeAxes(axes === 'absent' ? starts.map((_, index) => index) : axes, rank);
  if (named === undefined) return 'the Slice names axes that are not there';
  return starts.map((start, index) => {
    const step = steps === 'absent' ? 1 : steps[index]!;
    return { axis: named[index]!, start, end: ends[index]!, step };
  });
}

/** Builds a Slice in the form of the opset at hand; ranges of other steps than 1 need opset 10. */
export function buildSlice(build: Build, x: Value, ranges: readonly SliceRange[]): Value {
  const starts = ranges.map(({ start }) => start);
  const ends = ranges.map(({ end }) => Math.min(end, TO_THE_END));
  const axes = ranges.map(({ axis }) => axis);
  if (build.opset < OPERANDS_SINCE)
    return build.op('Slice', [x], { starts: ints(starts), ends: ints(ends), axes: ints(axes) });
  const operands = [starts, ends, axes].map((list) => build.constant(int64Tensor(list)));
  const steps = ranges.map(({ step }) => step);
  const withSteps = steps.every((step) => step === 1) ? [] : [build.constant(int64Tensor(steps))];
  return build.op('Slice', [x, ...operands, ...withSteps]);
}
