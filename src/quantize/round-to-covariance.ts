import { roundHalfToEven } from '../ir/float-formats.ts';
import { WEIGHT_LIMIT } from './quantize-weight.ts';

/** Second moments of what a layer's weights are multiplied with, about the means where a bias takes those up. */
export interface InputMoments {
  /** Inputs of one output: how many weights a row has. */
  readonly size: number;
  /** `size` by `size`, symmetric; sums over the observations, or their means. */
  readonly products: Float64Array;
  /** Observations that the sums were made of. */
  readonly count: number;
}

/**
 * Share of its own variance that an input keeps to itself at least. Rounding errors are made to cancel along directions
 * that calibration data never took; other data may.
 */
const LEAST_SHRINKAGE = 0.01;

/**
 * Scales that are tried for a short row, as parts of `TRIED_PARTS` of max|w| / 127. A few weights seldom lie well on the
 * grid that their largest one defines; of many, some always do and others not.
 */
const SHORT_ROW = 32;
const TRIED_PARTS = 32;
const LEAST_PART = 20;

/** A row of weights in 8 bits. */
export interface RoundedRow {
  readonly values: Int8Array;
  readonly scale: number;
}

/** Rounds rows of weights that are multiplied with the same inputs. */
export interface RowRounder {
  /** @param leastScale below which no scale is tried, so that a bias can be expressed with it. */
  round(row: ArrayLike<number>, scale: number, leastScale: number): RoundedRow;
}

/**
 * Rounds weights so that the errors cancel in what the layer computes on calibration data: those of one weight are taken
 * up by the weights after it, by how their inputs vary together. This is Babai's nearest plane in the lattice of the
 * inputs' covariance, to which GPTQ comes down (Frantar et al. 2022, arXiv:2210.17323). Inputs are taken in the order of
 * their variance, the strongest first. Where there are few observations for the number of inputs, what they vary
 * together is trusted less; with none this is rounding to the nearest.
 */
export function rowRounder({ size, products, count }: InputMoments): RowRounder {
  const order = Array.from({ length: size }, (_, i) => i).sort(
    (a, b) => products[a * size + a]! - products[b * size + b]! || a - b,
  );
  const factor = cholesky(shrunk(products, order, Math.max(LEAST_SHRINKAGE, size / (size + count))), size);
  const roundAt = (row: ArrayLike<number>, scale: number) => nearestPlane(factor, order, row, scale);
  return {
    round(row, scale, leastScale) {
      let best = { ...roundAt(row, scale), scale };
      if (size > SHORT_ROW) return best;
      for (let part = TRIED_PARTS - 1; part >= LEAST_PART; part--) {
        const tried = Math.fround((scale * part) / TRIED_PARTS);
        if (tried < leastScale) break;
        const found = roundAt(row, tried);
        if (found.error < best.error) best = { ...found, scale: tried };
      }
      return best;
    },
  };
}

/** The products in another order, off the diagonal less by `shrinkage`; inputs that never vary keep a trace of variance. */
function shrunk(products: Float64Array, order: readonly number[], shrinkage: number): Float64Array {
  const size = order.length;
  const taken = new Float64Array(size * size);
  let trace = 0;
  for (let i = 0; i < size; i++) trace += products[i * size + i]!;
  const floor = trace > 0 ? (trace / size) * 1e-6 : 1;
  for (let i = 0; i < size; i++) {
    const row = order[i]! * size;
    for (let j = 0; j < i; j++) taken[i * size + j] = products[row + order[j]!]! * (1 - shrinkage);
    taken[i * size + i] = products[row + order[i]!]! + floor;
  }
  return taken;
}

/** The lower triangle L with L times its transpose a positive definite matrix; only the lower triangle is read, and written. */
function cholesky(matrix: Float64Array, size: number): Float64Array {
  for (let i = 0; i < size; i++) {
    const row = i * size;
    for (let j = 0; j <= i; j++) {
      const other = j * size;
      let sum = matrix[row + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[row + k]! * matrix[other + k]!;
      matrix[row + j] = i === j ? Math.sqrt(Math.max(sum, Number.MIN_VALUE)) : sum / matrix[other + j]!;
    }
  }
  return matrix;
}

/** Rounds one row from the last input in `order` to the first. `error` is the squared error of the results. */
function nearestPlane(
  factor: Float64Array,
  order: readonly number[],
  row: ArrayLike<number>,
  scale: number,
): { readonly values: Int8Array; readonly error: number } {
  const size = order.length;
  const values = new Int8Array(size);
  const carried = new Float64Array(size);
  let error = 0;
  for (let i = size - 1; i >= 0; i--) {
    const at = i * size;
    const diagonal = factor[at + i]!;
    const weight = row[order[i]!]!;
    const wanted = weight + carried[i]! / diagonal;
    const q = Math.max(-WEIGHT_LIMIT, Math.min(WEIGHT_LIMIT, roundHalfToEven(wanted / scale)));
    values[order[i]!] = q;
    const lost = weight - q * scale;
    const rest = diagonal * lost + carried[i]!;
    error += rest * rest;
    for (let j = 0; j < i; j++) carried[j] = carried[j]! + factor[at + j]! * lost;
  }
  return { values, error };
}
