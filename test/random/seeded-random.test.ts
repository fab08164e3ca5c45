import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/random/seeded-random.ts';

const draw = (seed: number, count: number, from: 'next' | 'normal' = 'next') => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random[from]());
};

describe('seededRandom', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    expect(draw(7, 5)).toEqual(draw(7, 5));
    expect(draw(7, 5)).not.toEqual(draw(8, 5));
  });

  it('keeps its numbers from version to version', () => {
    expect(draw(1, 3)).toMatchInlineSnapshot(`
      [
        0.09156953264027834,
        0.5061978038866073,
        0.8881928145419806,
      ]
    `);
  });

  it('is uniform on [0, 1)', () => {
    const values = draw(3, 20_000);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    const bins = new Array<number>(10).fill(0);
    for (const value of values) bins[Math.floor(value * 10)]!++;
    // Chi-square with 9 degrees of freedom: 27.9 is passed by chance once in a thousand seeds.
    expect(bins.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0)).toBeLessThan(27.9);
  });

  it('draws normal numbers with mean 0 and variance 1', () => {
    const values = draw(5, 20_000, 'normal');
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.04);
  });

  it('draws integers below a limit, all of them', () => {
    const random = seededRandom(2);
    expect(new Set(Array.from({ length: 200 }, () => random.integer(6)))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
  });
});
