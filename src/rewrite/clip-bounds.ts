import { float, floatOf } from '../ir/attribute.ts';
import type { DataType } from '../ir/dtype.ts';
import type { Node } from '../ir/node.ts';
import { scalarTensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import type { Build } from './build.ts';
import { constantScalar } from './constant-numbers.ts';

/** The range that a Clip or Relu cuts to; infinite where it has no bound. */
export interface ClipBounds {
  readonly min: number;
  readonly max: number;
}

/** The first opset in which Clip takes its bounds as operands. */
const BOUNDS_OPERAND_SINCE = 11;

/** The bounds of a Clip in the forms of all opsets, or of a Relu; a string says why they are not known. */
export function clipBounds(node: Node): ClipBounds | string {
  if (node.op === 'Relu') return { min: 0, max: Number.POSITIVE_INFINITY };
  const min = boundOf(node, 'min', 1, Number.NEGATIVE_INFINITY);
  const max = boundOf(node, 'max', 2, Number.POSITIVE_INFINITY);
  if (min === undefined || max === undefined) return 'the bounds are not constant';
  return min <= max ? { min, max } : 'the lower bound is above the upper one';
}

/** Why the opset at hand has no Clip of this element type that runtimes have kernels for. */
export function clipTypeReason(dtype: DataType | undefined, opset: number): string | undefined {
  if (dtype === 'float32' || dtype === 'float16')
    return opset < 6 ? 'Clip before opset 6 is another operator' : undefined;
  if (dtype === 'float64') return opset < 12 ? 'Clip of float64 needs opset 12' : undefined;
  return dtype === undefined ? 'the element type is not proven' : 'the element type is not floating point';
}

/** Builds the cut to a range in the form of the opset at hand: Relu where it is all numbers from 0 on, else Clip. */
export function buildClip(build: Build, x: Value, { min, max }: ClipBounds, dtype: DataType): Value {
  if (min === 0 && max === Number.POSITIVE_INFINITY) return build.op('Relu', [x]);
  const lower = min === Number.NEGATIVE_INFINITY ? undefined : min;
  const upper = max === Number.POSITIVE_INFINITY ? undefined : max;
  if (build.opset < BOUNDS_OPERAND_SINCE) {
    return build.op('Clip', [x], {
      min: lower === undefined ? undefined : float(lower),
      max: upper === undefined ? undefined : float(upper),
    });
  }
  const bounds = [lower, upper].map((bound) =>
    bound === undefined ? undefined : build.constant(scalarTensor(dtype, bound)),
  );
  return build.op('Clip', upper === undefined ? [x, bounds[0]] : [x, ...bounds]);
}

function boundOf(node: Node, name: string, operand: number, absent: number): number | undefined {
  if (node.attributes.has(name)) return floatOf(node, name);
  return node.inputs[operand] === undefined ? absent : constantScalar(node.inputs[operand]);
}
