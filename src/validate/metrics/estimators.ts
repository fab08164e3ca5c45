import type { Estimate, Records } from './records.ts';

/** The weighted mean of the rows' first numbers; NaN over no rows. */
export function meanOf({ size, width, values }: Records): Estimate {
  return (weights) => {
    let sum = 0;
    let total = 0;
    for (let i = 0; i < size; i++) {
      const weight = weights === undefined ? 1 : weights[i]!;
      if (weight === 0) continue;
      sum += weight * values[i * width]!;
      total += weight;
    }
    return sum / total;
  };
}

/** The largest of the rows' numbers in one column; NaN when one of them is NaN or there are none. */
export function largestOf({ size, width, values }: Records, column = 0): Estimate {
  return (weights) => {
    let largest = Number.NaN;
    let seen = false;
    for (let i = 0; i < size; i++) {
      if (weights !== undefined && weights[i] === 0) continue;
      const value = values[i * width + column]!;
      largest = seen ? Math.max(largest, value) : value;
      seen = true;
    }
    return largest;
  };
}

/** The weighted sum of the rows' numbers in one column. */
export function sumOf({ size, width, values }: Records, column: number): Estimate {
  return (weights) => {
    let sum = 0;
    for (let i = 0; i < size; i++) {
      const weight = weights === undefined ? 1 : weights[i]!;
      if (weight !== 0) sum += weight * values[i * width + column]!;
    }
    return sum;
  };
}
