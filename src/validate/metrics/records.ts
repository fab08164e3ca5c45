/**
 * What a metric kept of the samples it saw: `size` rows of `width` numbers, row after row. A metric's value is a
 * function of these rows, which is what lets it be computed again on a resample of them.
 */
export interface Records {
  readonly width: number;
  readonly size: number;
  /** Holds at least `size * width` numbers. */
  readonly values: Float64Array;
}

/** How often each row counts: all 1 for the data itself, the number of draws in a bootstrap resample. */
export type Weights = ArrayLike<number>;

/** A metric's value over rows counted by their weights; NaN where it is undefined. */
export type Estimate = (weights?: Weights) => number;

/** Rows being collected. */
export interface RecordTable {
  /**
   * Appends a row. Every row is as long as the first.
   *
   * @throws RangeError on a row of another length.
   */
  push(row: ArrayLike<number>): void;
  records(): Records;
}

const FIRST_CAPACITY = 256;

/** An empty table that grows as rows come. */
export function recordTable(): RecordTable {
  let width = 0;
  let size = 0;
  let values = new Float64Array(0);
  return {
    push(row) {
      if (size === 0) {
        width = row.length;
        values = new Float64Array(FIRST_CAPACITY * width);
      } else if (row.length !== width) {
        throw new RangeError(`a row of ${row.length} numbers in a table of width ${width}`);
      }
      if ((size + 1) * width > values.length) {
        const grown = new Float64Array(values.length * 2);
        grown.set(values);
        values = grown;
      }
      values.set(row, size * width);
      size++;
    },
    records: () => ({ width, size, values }),
  };
}

/** Records of one number per sample. */
export function recordsOf(scores: ArrayLike<number>): Records {
  return { width: 1, size: scores.length, values: Float64Array.from(scores) };
}
