import { intOf } from '../../ir/attribute.ts';
import { DATA_TYPES } from '../../ir/dtype.ts';
import { elementCount, type Tensor, tensorFromNumbers, toNumbers } from '../../ir/tensor.ts';
import { stridesOf, takeElements } from './index-map.ts';
import { CannotEvaluate, type Kernel, type KernelCall, type KernelTable, normalizeAxis, operand } from './kernel.ts';
import { bigIntsOf, fromBigInts, fromNumbers, numbersOf, usesBigInt } from './number-access.ts';

/** Operators that search, count and mask along axes. */
export const SELECTION_KERNELS: KernelTable = {
  ArgMax: best((value, found) => value > found),
  ArgMin: best((value, found) => value < found),
  TopK: (call) => {
    const x = operand(call, 0);
    if (call.opset < 10) throw new CannotEvaluate('TopK before opset 10');
    const count = toNumbers(operand(call, 1))[0] ?? 0;
    const { axis, length, inner, starts } = rowsAlong(call, x, -1);
    if (count > length) throw new CannotEvaluate('more than there are');
    const values = comparable(x);
    const largest = (intOf(call.node, 'largest') ?? 1) === 1;
    const places: number[][] = starts.map((start) => {
      const order = Array.from({ length }, (_, i) => i);
      order.sort((a, b) => {
        const [left, right] = [values[start + a * inner]!, values[start + b * inner]!];
        if (left === right) return a - b;
        return left > right === largest ? -1 : 1;
      });
      return order.slice(0, count);
    });
    const dims = x.dims.map((dim, i) => (i === axis ? count : dim));
    const positions = new Int32Array(elementCount(dims));
    const indices = new Float64Array(positions.length);
    for (const [row, chosen] of places.entries()) {
      const block = Math.floor(row / inner) * count * inner + (row % inner);
      for (const [k, i] of chosen.entries()) {
        positions[block + k * inner] = starts[row]! + i * inner;
        indices[block + k * inner] = i;
      }
    }
    return [takeElements(x, positions, dims), tensorFromNumbers('int64', dims, indices)];
  },
  CumSum: (call) => {
    const x = operand(call, 0);
    const axis = normalizeAxis(toNumbers(operand(call, 1))[0] ?? 0, x.dims.length);
    const [exclusive, reverse] = [intOf(call.node, 'exclusive') === 1, intOf(call.node, 'reverse') === 1];
    const inner = elementCount(x.dims.slice(axis + 1));
    const length = x.dims[axis]!;
    const count = elementCount(x.dims);
    const sums = <T extends number | bigint>(values: ArrayLike<T>, zero: T, add: (a: T, b: T) => T): T[] => {
      const result = new Array<T>(count);
      for (let start = 0; start < count; start += length * inner) {
        for (let at = start; at < start + inner; at++) {
          let total = zero;
          for (let k = 0; k < length; k++) {
            const place = at + (reverse ? length - 1 - k : k) * inner;
            const next = add(total, values[place]!);
            result[place] = exclusive ? total : next;
            total = next;
          }
        }
      }
      return result;
    };
    return usesBigInt(x.dtype)
      ? [
          fromBigInts(
            x.dtype,
            x.dims,
            sums(bigIntsOf(x), 0n, (a, b) => a + b),
          ),
        ]
      : [
          fromNumbers(
            x.dtype,
            x.dims,
            sums(numbersOf(x), 0, (a, b) => a + b),
          ),
        ];
  },
  OneHot: (call) => {
    const [indices, depth, values] = [operand(call, 0), operand(call, 1), operand(call, 2)];
    const size = toNumbers(depth)[0] ?? 0;
    const axis = normalizeAxis(intOf(call.node, 'axis') ?? -1, indices.dims.length + 1);
    const inner = elementCount(indices.dims.slice(axis));
    const dims = [...indices.dims.slice(0, axis), size, ...indices.dims.slice(axis)];
    const places = new Int32Array(elementCount(dims));
    for (const [i, given] of toNumbers(indices).entries()) {
      if (!Number.isInteger(given)) throw new CannotEvaluate('an index that is no integer');
      const index = given < 0 ? given + size : given;
      if (index < 0 || index >= size) continue;
      places[(Math.floor(i / inner) * size + index) * inner + (i % inner)] = 1;
    }
    return [takeElements(values, places, dims)];
  },
  Trilu: (call) => {
    const x = operand(call, 0);
    const offset = call.inputs[1] === undefined ? 0 : (toNumbers(call.inputs[1])[0] ?? 0);
    const upper = (intOf(call.node, 'upper') ?? 1) === 1;
    const columns = x.dims.at(-1) ?? 1;
    const rows = x.dims.at(-2) ?? 1;
    return [
      masked(x, (i) => {
        const [row, column] = [Math.floor(i / columns) % rows, i % columns];
        return upper ? column >= row + offset : column <= row + offset;
      }),
    ];
  },
  EyeLike: (call) => {
    const { dims, dtype: own } = operand(call, 0);
    const [rows, columns] = dims as [number, number];
    const dtype = DATA_TYPES[(intOf(call.node, 'dtype') ?? 0) - 1] ?? own;
    const offset = intOf(call.node, 'k') ?? 0;
    if (dims.length !== 2) throw new CannotEvaluate('no matrix');
    const values = Array.from({ length: rows * columns }, (_, i) =>
      Number((i % columns) - Math.floor(i / columns) === offset),
    );
    return [fromNumbers(dtype, dims, values)];
  },
  Compress: (call) => {
    const [x, condition] = [operand(call, 0), toNumbers(operand(call, 1))];
    const given = intOf(call.node, 'axis');
    const axis = given === undefined ? undefined : normalizeAxis(given, x.dims.length);
    const size = axis === undefined ? elementCount(x.dims) : x.dims[axis]!;
    const chosen = condition.flatMap((keep, i) => (keep !== 0 && i < size ? [i] : []));
    if (axis === undefined) return [takeElements(x, Int32Array.from(chosen), [chosen.length])];
    const inner = elementCount(x.dims.slice(axis + 1));
    const outer = elementCount(x.dims.slice(0, axis));
    const places = Array.from({ length: outer }, (_, o) =>
      chosen.flatMap((index) => Array.from({ length: inner }, (_, k) => (o * size + index) * inner + k)),
    ).flat();
    return [
      takeElements(
        x,
        Int32Array.from(places),
        x.dims.map((dim, i) => (i === axis ? chosen.length : dim)),
      ),
    ];
  },
};

/** The place of the best element along an axis; the first of equal ones, or the last where that is asked for. */
function best(isBetter: (value: number | bigint, found: number | bigint) => boolean): Kernel {
  return (call) => {
    const x = operand(call, 0);
    const { axis, length, inner, starts } = rowsAlong(call, x, 0);
    if (length === 0) throw new CannotEvaluate('the best of no elements');
    const values = comparable(x);
    const last = intOf(call.node, 'select_last_index') === 1;
    const found = starts.map((start) => {
      let place = 0;
      for (let i = 1; i < length; i++) {
        const [value, most] = [values[start + i * inner]!, values[start + place * inner]!];
        if (isBetter(value, most) || (last && value === most)) place = i;
      }
      return place;
    });
    const keep = (intOf(call.node, 'keepdims') ?? 1) === 1;
    const dims = x.dims.flatMap((dim, i) => (i === axis ? (keep ? [1] : []) : [dim]));
    return [tensorFromNumbers('int64', dims, found)];
  };
}

/** Where each row along the node's axis begins, in the order of the other axes. */
function rowsAlong(
  call: KernelCall,
  x: Tensor,
  defaultAxis: number,
): { readonly axis: number; readonly length: number; readonly inner: number; readonly starts: readonly number[] } {
  const axis = normalizeAxis(intOf(call.node, 'axis') ?? defaultAxis, x.dims.length);
  if (x.dims.length === 0) throw new CannotEvaluate('a row of a scalar');
  const inner = stridesOf(x.dims)[axis]!;
  const length = x.dims[axis]!;
  const outer = elementCount(x.dims.slice(0, axis));
  const starts = Array.from({ length: outer * inner }, (_, i) => Math.floor(i / inner) * inner * length + (i % inner));
  return { axis, length, inner, starts };
}

/** Elements that can be put in order. NaN has no place in one. */
function comparable(x: Tensor): ArrayLike<number | bigint> {
  if (usesBigInt(x.dtype)) return bigIntsOf(x);
  const values = numbersOf(x);
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) throw new CannotEvaluate('an order with NaN');
  return values;
}

/** `x` with zero where `keep` does not hold. */
function masked(x: Tensor, keep: (i: number) => boolean): Tensor {
  return usesBigInt(x.dtype)
    ? fromBigInts(
        x.dtype,
        x.dims,
        Array.from(bigIntsOf(x), (value, i) => (keep(i) ? value : 0n)),
      )
    : fromNumbers(
        x.dtype,
        x.dims,
        Array.from(numbersOf(x), (value, i) => (keep(i) ? value : 0)),
      );
}
