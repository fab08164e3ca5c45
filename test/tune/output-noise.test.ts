import { describe, expect, it } from 'vitest';
import { tensorFromNumbers } from '../../src/ir/tensor.ts';
import { decibelsOf, noiseAt, outputNoise } from '../../src/tune/output-noise.ts';
import { type OutputContents, outputContents } from '../../src/validate/scoring/output-content.ts';

const floats = (outputs: Readonly<Record<string, readonly number[]>>): OutputContents =>
  outputContents(
    new Map(
      Object.entries(outputs).map(([name, values]) => [name, tensorFromNumbers('float32', [values.length], values)]),
    ),
  );
const indices = (...values: readonly number[]): OutputContents =>
  outputContents(new Map([['y', tensorFromNumbers('int64', [values.length], values)]]));

describe('the noise of outputs', () => {
  it('is that of the worst output, pooled over samples', () => {
    const expected = [floats({ a: [3, 4], b: [10] }), floats({ a: [0, 5], b: [10] })];
    const found = [floats({ a: [3, 4], b: [11] }), floats({ a: [1, 5], b: [10] })];
    expect(outputNoise(expected, found)).toBeCloseTo(1 / 50);
    expect(outputNoise(expected, expected)).toBe(0);
  });

  it('is infinite where an output is missing, misshapen or not finite', () => {
    const expected = [floats({ a: [3, 4] })];
    for (const found of [floats({}), floats({ a: [3] }), floats({ a: [3, Number.NaN] })])
      expect(outputNoise(expected, [found])).toBe(Number.POSITIVE_INFINITY);
  });

  it('does not count an output that is zero throughout', () => {
    expect(outputNoise([floats({ a: [0], b: [2] })], [floats({ a: [1], b: [2] })])).toBe(0);
  });

  it('is the share of indices that differ where there is nothing else', () => {
    expect(outputNoise([indices(1, 2, 3, 4)], [indices(1, 2, 3, 5)])).toBe(0.25);
    const beside = (label: number): OutputContents => new Map([...indices(label), ...floats({ a: [1] })]);
    expect(outputNoise([beside(1)], [beside(2)])).toBe(0);
  });

  it('goes to decibels and back', () => {
    expect(decibelsOf(noiseAt(20))).toBeCloseTo(20);
    expect([decibelsOf(0), decibelsOf(Number.POSITIVE_INFINITY)]).toEqual([200, -200]);
  });
});
