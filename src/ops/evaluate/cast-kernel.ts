import { intOf } from '../../ir/attribute.ts';
import { bitsOf, DATA_TYPES, type DataType, isFloat, isInteger, kindOf } from '../../ir/dtype.ts';
import type { Tensor } from '../../ir/tensor.ts';
import { CannotEvaluate, type KernelCall, type KernelTable, operand } from './kernel.ts';
import { bigIntsOf, fromBigInts, fromNumbers, numbersOf, usesBigInt } from './number-access.ts';

/** Cast and CastLike between numbers and booleans; to and from strings is declined. */
export const CAST_KERNELS: KernelTable = {
  Cast: (call) => {
    const to = DATA_TYPES[(intOf(call.node, 'to') ?? 0) - 1];
    if (to === undefined) throw new CannotEvaluate('Cast to an unknown type');
    return [castTensor(operand(call, 0), saturating(call, to))];
  },
  CastLike: (call) => [castTensor(operand(call, 0), saturating(call, operand(call, 1).dtype))],
};

/** The type, where its cast is the saturating one that `castTensor` does; E8M0 has rounding modes of its own. */
function saturating(call: KernelCall, to: DataType): DataType {
  if (to === 'float8e8m0' || intOf(call.node, 'saturate') === 0) throw new CannotEvaluate(`this form of Cast to ${to}`);
  return to;
}

/**
 * A tensor's elements in another type, as ONNX Cast converts them: integers wrap, floats round to nearest even, floats
 * become integers by truncation.
 *
 * @throws CannotEvaluate for strings, complex numbers, and floats that the integer type cannot hold (undefined by the
 * specification, so left to the runtime).
 */
export function castTensor(x: Tensor, to: DataType): Tensor {
  if (x.dtype === to) return x;
  if (isInteger(to) && isFloat(x.dtype)) {
    const values = numbersOf(x);
    const bits = bitsOf(to);
    const signed = kindOf(to) === 'int';
    const low = signed ? -(2 ** (bits - 1)) : 0;
    const high = 2 ** (signed ? bits - 1 : bits);
    for (let i = 0; i < values.length; i++) {
      const whole = Math.trunc(values[i]!);
      if (!(whole >= low && whole < high)) throw new CannotEvaluate(`${values[i]} does not fit ${to}`);
    }
    return fromNumbers(to, x.dims, values);
  }
  if (isInteger(to) && usesBigInt(x.dtype)) return fromBigInts(to, x.dims, bigIntsOf(x));
  if (isInteger(to) && usesBigInt(to)) return fromBigInts(to, x.dims, bigIntsOf(x));
  return fromNumbers(to, x.dims, numbersOf(x));
}
