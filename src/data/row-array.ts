import type { DataType } from '../ir/dtype.ts';
import { type ElementArray, elementCount } from '../ir/tensor.ts';

/** Elements as they were read: numbers as `elements()` of a tensor gives them, strings as text. */
export type Elements = ElementArray | readonly string[];

/** A dense array whose leading axis counts rows, readable in pieces. */
export interface RowArray {
  /** What to call it in a message: the key of an archive, the name of a file or a column. */
  readonly name: string;
  readonly dtype: DataType;
  /** All dimensions, the rows first; empty for a single value. */
  readonly dims: readonly number[];
  /** Elements `start` to `start + count` in row-major order; may be a view, which is not to be written to. */
  read(start: number, count: number): Elements;
}

/** Number of rows: the leading dimension, 1 for a single value. */
export function rowCount(array: RowArray): number {
  return array.dims[0] ?? 1;
}

/** Dimensions of one row. */
export function rowDims(array: RowArray): readonly number[] {
  return array.dims.slice(1);
}

/** An array over elements in memory. */
export function memoryRows(name: string, dtype: DataType, dims: readonly number[], values: Elements): RowArray {
  const read = (start: number, count: number): Elements =>
    isText(values) ? values.slice(start, start + count) : values.subarray(start, start + count);
  return { name, dtype, dims, read };
}

/** One column of a two-dimensional array, as an array of single values. */
export function columnOf(array: RowArray, column: number): RowArray {
  const width = array.dims[1] ?? 1;
  return {
    name: `${array.name}[:,${column}]`,
    dtype: array.dtype,
    dims: [rowCount(array)],
    read(start, count) {
      if (count === 0) return array.read(0, 0);
      const block = array.read(start * width + column, (count - 1) * width + 1);
      if (isText(block)) return block.filter((_, at) => at % width === 0);
      return width === 1 ? block : everyNth(block, width);
    },
  };
}

/** The array with each row replaced by `length` rows in a run, a run beginning at every `stride`-th row. */
export function windowed(array: RowArray, length: number, stride: number): RowArray {
  const rowSize = elementCount(rowDims(array));
  const rows = rowCount(array) < length ? 0 : Math.floor((rowCount(array) - length) / stride) + 1;
  return {
    name: array.name,
    dtype: array.dtype,
    dims: [rows, length, ...rowDims(array)],
    read(start, count) {
      const size = length * rowSize;
      if (start % size !== 0 || count !== size) throw new RangeError('windows are read one at a time');
      return array.read((start / size) * stride * rowSize, size);
    },
  };
}

export function isText(values: Elements): values is readonly string[] {
  return Array.isArray(values);
}

function everyNth(values: ElementArray, step: number): ElementArray {
  const count = Math.ceil(values.length / step);
  const out = values.slice(0, count);
  for (let i = 0; i < count; i++) out[i] = values[i * step]!;
  return out;
}
