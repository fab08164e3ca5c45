import { describe, expect, it } from 'vitest';
import { rowRounder } from '../../src/quantize/round-to-covariance.ts';
import { seededRandom } from '../../src/random/seeded-random.ts';

const SIZE = 48;
const SCALE = 1 / 127;

/** Observations of inputs that vary together: a few sources, and a little noise in each input. */
function correlated(seed: number, count: number): Float64Array[] {
  const random = seededRandom(seed);
  const mix = Array.from({ length: SIZE * 4 }, () => random.next() - 0.5);
  return Array.from({ length: count }, () => {
    const sources = Array.from({ length: 4 }, () => random.next() - 0.5);
    return Float64Array.from({ length: SIZE }, (_, i) => {
      const sum = sources.reduce((total, source, k) => total + source * mix[i * 4 + k]!, 0);
      return sum + 0.05 * (random.next() - 0.5);
    });
  });
}

function momentsOf(observations: readonly Float64Array[], size = SIZE) {
  const products = new Float64Array(size * size);
  for (const x of observations)
    for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) products[i * size + j]! += x[i]! * x[j]!;
  return { size, products, count: observations.length };
}

function rowOf(seed: number, size = SIZE): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from({ length: size }, () => random.next() * 2 - 1);
}

/** Mean squared error of the results when a row is replaced. */
function errorOf(observations: readonly Float64Array[], row: Float64Array, values: ArrayLike<number>, scale: number) {
  let sum = 0;
  for (const x of observations) {
    let error = 0;
    for (let i = 0; i < x.length; i++) error += x[i]! * (row[i]! - values[i]! * scale);
    sum += error ** 2;
  }
  return sum / observations.length;
}

const nearest = (row: Float64Array) => row.map((weight) => Math.round(weight / SCALE));

describe('rowRounder', () => {
  it('makes errors cancel in the results, on data that it has not seen too', () => {
    const rounder = rowRounder(momentsOf(correlated(1, 1000)));
    const others = correlated(1, 2000).slice(1000);
    for (const seed of [11, 12, 13, 14]) {
      const row = rowOf(seed);
      const { values, scale } = rounder.round(row, SCALE, 0);
      expect(scale).toBe(SCALE);
      expect(errorOf(others, row, values, scale)).toBeLessThan(0.5 * errorOf(others, row, nearest(row), SCALE));
    }
  });

  it('rounds to the nearest where inputs vary apart, or nothing was observed', () => {
    const row = rowOf(5);
    const apart = new Float64Array(SIZE * SIZE);
    for (let i = 0; i < SIZE; i++) apart[i * SIZE + i] = i + 1;
    const silent = new Float64Array(SIZE * SIZE);
    for (const products of [apart, silent]) {
      const { values } = rowRounder({ size: SIZE, products, count: 0 }).round(row, SCALE, 0);
      expect([...values]).toEqual([...nearest(row)]);
    }
  });

  it('leaves weights as they are that lie on the grid', () => {
    const integers = Int8Array.from({ length: SIZE }, (_, i) => ((i * 37) % 255) - 127);
    const row = Float64Array.from(integers, (q) => q * SCALE);
    expect(rowRounder(momentsOf(correlated(2, 500))).round(row, SCALE, 0).values).toEqual(integers);
  });

  it('looks for the scale that suits a short row, not below the least', () => {
    const observations = correlated(3, 500).map((x) => x.slice(0, 9));
    const rounder = rowRounder(momentsOf(observations, 9));
    const row = rowOf(6, 9);
    const free = rounder.round(row, SCALE, 0);
    const fixed = rounder.round(row, SCALE, SCALE);
    expect(fixed.scale).toBe(SCALE);
    expect(free.scale).toBeLessThan(SCALE);
    expect(errorOf(observations, row, free.values, free.scale)).toBeLessThan(
      errorOf(observations, row, fixed.values, fixed.scale),
    );
  });
});
