import { intOf, intsOf } from '../../ir/attribute.ts';
import { isFloat } from '../../ir/dtype.ts';
import { elementCount, type Tensor, toNumbers } from '../../ir/tensor.ts';
import { stridedPositions, stridesOf, takeElements } from './index-map.ts';
import { CannotEvaluate, type Kernel, type KernelCall, type KernelTable, normalizeAxis, operand } from './kernel.ts';
import { bigIntsOf, fromBigInts, fromNumbers, numbersOf, usesBigInt } from './number-access.ts';

interface Reduction {
  /** Opset from which the axes are an operand. */
  readonly axesOperandSince: number;
  readonly numbers: (values: readonly number[]) => number;
  readonly bigInts?: (values: readonly bigint[]) => bigint;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const REDUCTIONS: Readonly<Record<string, Reduction>> = {
  ReduceSum: {
    axesOperandSince: 13,
    numbers: sum,
    bigInts: (values) => values.reduce((total, value) => total + value, 0n),
  },
  ReduceProd: {
    axesOperandSince: 18,
    numbers: (values) => values.reduce((product, value) => product * value, 1),
    bigInts: (values) => values.reduce((product, value) => product * value, 1n),
  },
  ReduceMax: {
    axesOperandSince: 18,
    numbers: (values) => values.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY),
    bigInts: (values) => values.reduce((best, value) => (value > best ? value : best)),
  },
  ReduceMin: {
    axesOperandSince: 18,
    numbers: (values) => values.reduce((best, value) => Math.min(best, value), Number.POSITIVE_INFINITY),
    bigInts: (values) => values.reduce((best, value) => (value < best ? value : best)),
  },
  ReduceMean: { axesOperandSince: 18, numbers: (values) => sum(values) / values.length },
  ReduceSumSquare: { axesOperandSince: 18, numbers: (values) => sum(values.map((value) => value * value)) },
  ReduceL1: { axesOperandSince: 18, numbers: (values) => sum(values.map(Math.abs)) },
  ReduceLogSum: { axesOperandSince: 18, numbers: (values) => Math.log(sum(values)) },
  ReduceLogSumExp: {
    axesOperandSince: 18,
    numbers: (values) => {
      const most = values.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY);
      return Number.isFinite(most) ? most + Math.log(sum(values.map((value) => Math.exp(value - most)))) : most;
    },
  },
  ReduceL2: { axesOperandSince: 18, numbers: (values) => Math.sqrt(sum(values.map((value) => value * value))) },
};

/** Reductions over axes; sums of floats are taken in 64 bits and rounded once. */
export const REDUCTION_KERNELS: KernelTable = Object.fromEntries(
  Object.entries(REDUCTIONS).map(([name, reduction]) => [name, reduce(reduction)]),
);

function reduce(reduction: Reduction): Kernel {
  return (call) => {
    const x = operand(call, 0);
    const axes = axesOf(call, reduction.axesOperandSince);
    if (axes === undefined) return [x];
    const kept = x.dims.map((dim, axis) => (axes.has(axis) ? 1 : dim));
    const length = elementCount(x.dims.filter((_, axis) => axes.has(axis)));
    if (length === 0) throw new CannotEvaluate('a reduction over no elements');
    const dims = (intOf(call.node, 'keepdims') ?? 1) === 1 ? kept : x.dims.filter((_, axis) => !axes.has(axis));
    const rows = grouped(x, axes);
    const count = elementCount(dims);
    if (usesBigInt(x.dtype)) {
      const apply = reduction.bigInts;
      if (apply === undefined) throw new CannotEvaluate(`${call.node.op} of ${x.dtype}`);
      const values = Array.from(bigIntsOf(rows));
      return [
        fromBigInts(
          x.dtype,
          dims,
          Array.from({ length: count }, (_, i) => apply(values.slice(i * length, (i + 1) * length))),
        ),
      ];
    }
    if (!isFloat(x.dtype) && reduction.bigInts === undefined) throw new CannotEvaluate(`${call.node.op} of ${x.dtype}`);
    const values = Array.from(numbersOf(rows));
    return [
      fromNumbers(
        x.dtype,
        dims,
        Array.from({ length: count }, (_, i) => reduction.numbers(values.slice(i * length, (i + 1) * length))),
      ),
    ];
  };
}

/** The reduced axes; `undefined` where nothing is to be reduced. */
function axesOf(call: KernelCall, since: number): ReadonlySet<number> | undefined {
  const rank = operand(call, 0).dims.length;
  const tensor = call.inputs[1];
  const given = call.opset < since ? intsOf(call.node, 'axes') : tensor && toNumbers(tensor);
  if (given === undefined || given.length === 0) {
    if (intOf(call.node, 'noop_with_empty_axes') === 1) return undefined;
    return new Set(Array.from({ length: rank }, (_, axis) => axis));
  }
  return new Set(given.map((axis) => normalizeAxis(axis, rank)));
}

/** The elements with the reduced axes innermost, so that each group stands together. */
function grouped(x: Tensor, axes: ReadonlySet<number>): Tensor {
  const all = x.dims.map((_, axis) => axis);
  const order = [...all.filter((axis) => !axes.has(axis)), ...all.filter((axis) => axes.has(axis))];
  const strides = stridesOf(x.dims);
  const dims = order.map((axis) => x.dims[axis]!);
  return takeElements(
    x,
    stridedPositions(
      dims,
      order.map((axis) => strides[axis]!),
    ),
    dims,
  );
}
