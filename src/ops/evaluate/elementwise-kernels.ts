import { floatOf, intOf, textOf } from '../../ir/attribute.ts';
import type { DataType } from '../../ir/dtype.ts';
import { isFloat } from '../../ir/dtype.ts';
import { roundHalfToEven } from '../../ir/float-formats.ts';
import type { Tensor } from '../../ir/tensor.ts';
import { broadcastDims } from './broadcast.ts';
import { broadcastStrides, joinElements, stridedPositions, takeElements } from './index-map.ts';
import { CannotEvaluate, type Kernel, type KernelTable, operand } from './kernel.ts';
import { bigIntsOf, fromBigInts, fromNumbers, numbersOf, usesBigInt } from './number-access.ts';

type NumberFunction = (a: number, b: number) => number;
type BigIntFunction = (a: bigint, b: bigint) => bigint;

const ARITHMETIC: Readonly<Record<string, readonly [NumberFunction, BigIntFunction]>> = {
  Add: [(a, b) => a + b, (a, b) => a + b],
  Sub: [(a, b) => a - b, (a, b) => a - b],
  Mul: [(a, b) => a * b, (a, b) => a * b],
  Div: [(a, b) => a / b, (a, b) => divide(a, b)],
  Min: [(a, b) => Math.min(a, b), (a, b) => (b < a ? b : a)],
  Max: [(a, b) => Math.max(a, b), (a, b) => (b > a ? b : a)],
  Pow: [(a, b) => a ** b, (a, b) => power(a, b)],
  BitwiseAnd: [(a, b) => a & b, (a, b) => a & b],
  BitwiseOr: [(a, b) => a | b, (a, b) => a | b],
  BitwiseXor: [(a, b) => a ^ b, (a, b) => a ^ b],
};

const COMPARISONS: Readonly<Record<string, (a: number | bigint, b: number | bigint) => boolean>> = {
  Equal: (a, b) => a === b,
  Less: (a, b) => a < b,
  LessOrEqual: (a, b) => a <= b,
  Greater: (a, b) => a > b,
  GreaterOrEqual: (a, b) => a >= b,
};

const LOGIC: Readonly<Record<string, (a: boolean, b: boolean) => boolean>> = {
  And: (a, b) => a && b,
  Or: (a, b) => a || b,
  Xor: (a, b) => a !== b,
};

const UNARY: Readonly<Record<string, (x: number) => number>> = {
  Neg: (x) => -x,
  Abs: Math.abs,
  Sqrt: Math.sqrt,
  Reciprocal: (x) => 1 / x,
  Exp: Math.exp,
  Log: Math.log,
  Sin: Math.sin,
  Cos: Math.cos,
  Tan: Math.tan,
  Asin: Math.asin,
  Acos: Math.acos,
  Atan: Math.atan,
  Sinh: Math.sinh,
  Cosh: Math.cosh,
  Asinh: Math.asinh,
  Acosh: Math.acosh,
  Atanh: Math.atanh,
  Tanh: Math.tanh,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Round: roundHalfToEven,
  Sign: Math.sign,
  Relu: (x) => (x < 0 ? 0 : x),
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};

/** The functions above that wide integers have, without a detour over 53 bits. */
const BIGINT_UNARY: Readonly<Record<string, (x: bigint) => bigint>> = {
  Neg: (x) => -x,
  Abs: (x) => (x < 0n ? -x : x),
  Sign: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
  Relu: (x) => (x < 0n ? 0n : x),
  BitwiseNot: (x) => ~x,
};

/** Elementwise operators with broadcasting (opset 7 and later; the `axis` broadcasting of opset 6 is declined). */
export const ELEMENTWISE_KERNELS: KernelTable = {
  ...mapValues(ARITHMETIC, ([numbers, bigInts]) => arithmetic(numbers, bigInts)),
  ...mapValues(COMPARISONS, comparison),
  ...mapValues(LOGIC, logic),
  ...mapValues(UNARY, unary),
  BitShift: (call) => {
    const left = textOf(call.node, 'direction') === 'LEFT';
    // Widths count as exponents of two: the result wraps, as the runtime's does.
    return arithmetic(
      (a, b) => (left ? a * 2 ** b : Math.floor(a / 2 ** b)),
      (a, b) => (left ? a << b : a >> b),
    )(call);
  },
  BitwiseNot: unary((x) => -1 - x),
  Not: (call) => {
    const x = operand(call, 0);
    return [
      fromNumbers(
        'bool',
        x.dims,
        Array.from(numbersOf(x), (value) => Number(value === 0)),
      ),
    ];
  },
  Sum: arithmetic(
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  Mean: (call) => {
    const [sum] = arithmetic(
      (a, b) => a + b,
      (a, b) => a + b,
    )(call);
    const count = call.inputs.length;
    return [
      fromNumbers(
        sum!.dtype,
        sum!.dims,
        Array.from(numbersOf(sum!), (value) => value / count),
      ),
    ];
  },
  Mod: (call) => {
    const fmod = intOf(call.node, 'fmod') === 1;
    const floor: NumberFunction = (a, b) => a - b * Math.floor(a / b);
    return arithmetic(fmod ? (a, b) => a % b : floor, (a, b) => {
      if (b === 0n) throw new CannotEvaluate('modulo zero');
      const remainder = a % b;
      return !fmod && remainder !== 0n && remainder < 0n !== b < 0n ? remainder + b : remainder;
    })(call);
  },
  Where: (call) => {
    const condition = operand(call, 0);
    const a = operand(call, 1);
    const b = operand(call, 2);
    const dims = broadcastDims(condition.dims, a.dims, b.dims);
    const chosen = numbersOf(spread(condition, dims));
    const count = chosen.length;
    // Both sides one after the other, so that taking elements works for every type, strings included.
    const both = joinElements([spread(a, dims), spread(b, dims)]);
    return [
      takeElements(
        both,
        Int32Array.from({ length: count }, (_, i) => (chosen[i] !== 0 ? i : count + i)),
        dims,
      ),
    ];
  },
  Clip: (call) => {
    const x = operand(call, 0);
    const low = call.opset < 11 ? floatOf(call.node, 'min') : scalarOf(call.inputs[1]);
    const high = call.opset < 11 ? floatOf(call.node, 'max') : scalarOf(call.inputs[2]);
    if (usesBigInt(x.dtype)) throw new CannotEvaluate(`Clip of ${x.dtype}`);
    const bounded = Array.from(numbersOf(x), (value) =>
      Math.min(Math.max(value, low ?? Number.NEGATIVE_INFINITY), high ?? Number.POSITIVE_INFINITY),
    );
    return [fromNumbers(x.dtype, x.dims, bounded)];
  },
};

function arithmetic(numbers: NumberFunction, bigInts: BigIntFunction): Kernel {
  return (call) => {
    const operands = operandsOf(call);
    const dims = broadcastDims(...operands.map((tensor) => tensor.dims));
    const [first, ...rest] = operands.map((tensor) => spread(tensor, dims));
    if (first === undefined) throw new CannotEvaluate('no operands');
    return [rest.reduce((left, right) => combine(left, right, first.dtype, numbers, bigInts), first)];
  };
}

function combine(
  left: Tensor,
  right: Tensor,
  dtype: DataType,
  numbers: NumberFunction,
  bigInts: BigIntFunction,
): Tensor {
  if (usesBigInt(dtype)) {
    // Pow may raise an integer to a float.
    if (!usesBigInt(right.dtype) && isFloat(right.dtype)) throw new CannotEvaluate(`${dtype} with ${right.dtype}`);
    const a = bigIntsOf(left);
    const b = bigIntsOf(right);
    return fromBigInts(
      dtype,
      left.dims,
      Array.from({ length: a.length }, (_, i) => bigInts(a[i]!, b[i]!)),
    );
  }
  const a = numbersOf(left);
  const b = numbersOf(right);
  const integer = !isFloat(dtype);
  const result = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) {
    const value = numbers(a[i]!, b[i]!);
    if (integer && !Number.isFinite(value)) throw new CannotEvaluate('integer division by zero');
    result[i] = integer ? Math.trunc(value) : value;
  }
  return fromNumbers(dtype, left.dims, result);
}

function comparison(compare: (a: number | bigint, b: number | bigint) => boolean): Kernel {
  return (call) => {
    const [left, right, dims] = pair(call);
    const wide = usesBigInt(left.dtype);
    const a: ArrayLike<number | bigint> = wide ? bigIntsOf(left) : numbersOf(left);
    const b: ArrayLike<number | bigint> = wide ? bigIntsOf(right) : numbersOf(right);
    return [
      fromNumbers(
        'bool',
        dims,
        Array.from({ length: a.length }, (_, i) => Number(compare(a[i]!, b[i]!))),
      ),
    ];
  };
}

function logic(combineBits: (a: boolean, b: boolean) => boolean): Kernel {
  return (call) => {
    const [left, right, dims] = pair(call);
    const a = numbersOf(left);
    const b = numbersOf(right);
    return [
      fromNumbers(
        'bool',
        dims,
        Array.from({ length: a.length }, (_, i) => Number(combineBits(a[i] !== 0, b[i] !== 0))),
      ),
    ];
  };
}

function unary(apply: (x: number) => number): Kernel {
  return (call) => {
    const x = operand(call, 0);
    if (usesBigInt(x.dtype)) {
      const exact = BIGINT_UNARY[call.node.op];
      if (exact === undefined) throw new CannotEvaluate(`${call.node.op} of ${x.dtype}`);
      return [fromBigInts(x.dtype, x.dims, Array.from(bigIntsOf(x), exact))];
    }
    const values = numbersOf(x);
    const result = new Float64Array(values.length);
    for (let i = 0; i < values.length; i++) result[i] = apply(values[i]!);
    return [fromNumbers(x.dtype, x.dims, result)];
  };
}

function pair(call: Parameters<Kernel>[0]): [Tensor, Tensor, readonly number[]] {
  const [a, b] = operandsOf(call);
  if (a === undefined || b === undefined) throw new CannotEvaluate('two operands expected');
  const dims = broadcastDims(a.dims, b.dims);
  return [spread(a, dims), spread(b, dims), dims];
}

function operandsOf(call: Parameters<Kernel>[0]): Tensor[] {
  if (call.opset < 7 && intOf(call.node, 'broadcast') === 1) throw new CannotEvaluate('broadcasting of opset 6');
  return call.inputs.map((_, index) => operand(call, index));
}

function spread(tensor: Tensor, dims: readonly number[]): Tensor {
  if (tensor.dims.length === dims.length && tensor.dims.every((dim, i) => dim === dims[i])) return tensor;
  return takeElements(tensor, stridedPositions(dims, broadcastStrides(tensor.dims, dims)), dims);
}

function scalarOf(tensor: Tensor | undefined): number | undefined {
  return tensor === undefined ? undefined : numbersOf(tensor)[0];
}

function divide(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new CannotEvaluate('integer division by zero');
  return a / b;
}

function power(base: bigint, exponent: bigint): bigint {
  // 64 doublings pass every width; beyond that the result is 0, 1, -1 or overflow.
  if (exponent < 0n || exponent > 64n) throw new CannotEvaluate('an integer power outside 0 to 64');
  return base ** exponent;
}

function mapValues<T>(table: Readonly<Record<string, T>>, make: (value: T) => Kernel): KernelTable {
  return Object.fromEntries(Object.entries(table).map(([name, value]) => [name, make(value)]));
}
