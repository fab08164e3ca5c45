import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupedMask, sparsityOf, unstructuredMasks } from '../../src/prune/magnitude-mask.ts';

const floats = (...values: number[]): Float32Array => Float32Array.from(values);
const tensors = fc.array(fc.float32Array({ minLength: 1, maxLength: 40, noNaN: true, noDefaultInfinity: true }), {
  minLength: 1,
  maxLength: 4,
});

describe('unstructuredMasks', () => {
  it.each([
    [[floats(3, -1, 2, -4)], 0.5, [[1, 0, 0, 1]]],
    [[floats(3, -1, 2, -4)], 0, [[1, 1, 1, 1]]],
    [[floats(1, 1, 1, 1)], 0.5, [[0, 0, 1, 1]]],
    [
      [floats(1, 9), floats(2, 8)],
      0.5,
      [
        [0, 1],
        [0, 1],
      ],
    ],
    [
      [floats(1, 2), floats(8, 9)],
      0.5,
      [
        [0, 0],
        [1, 1],
      ],
    ],
  ])('masks %j at %d', (input, sparsity, expected) => {
    expect(unstructuredMasks(input, sparsity).map((mask) => [...mask])).toEqual(expected);
  });

  it('prunes exactly the share asked for, and nothing larger than what it keeps', () => {
    fc.assert(
      fc.property(tensors, fc.double({ min: 0, max: 0.99, noNaN: true }), (input, sparsity) => {
        const masks = unstructuredMasks(input, sparsity);
        const total = input.reduce((sum, tensor) => sum + tensor.length, 0);
        const kept: number[] = [];
        const pruned: number[] = [];
        for (const [t, tensor] of input.entries()) {
          for (const [i, value] of tensor.entries()) (masks[t]![i] === 1 ? kept : pruned).push(Math.abs(value));
        }
        expect(pruned.length).toBe(Math.floor(sparsity * total));
        expect(Math.max(...pruned, 0)).toBeLessThanOrEqual(Math.min(...kept, Number.POSITIVE_INFINITY));
      }),
      { seed: 1 },
    );
  });
});

describe('groupedMask', () => {
  it('keeps the two largest of four along the last axis', () => {
    expect([...groupedMask(floats(1, -4, 3, 2, 5, 5, 5, 5), [2, 4], 1, 2, 4)]).toEqual([0, 1, 1, 0, 1, 1, 0, 0]);
  });

  it('groups along a leading axis', () => {
    const values = floats(1, 8, 2, 7, 3, 6, 4, 5);
    expect([...groupedMask(values, [4, 2], 0, 2, 4)]).toEqual([0, 1, 0, 1, 1, 0, 1, 0]);
  });

  it('keeps an incomplete group whole', () => {
    expect([...groupedMask(floats(1, 2, 3, 4, 5, 6), [6], 0, 2, 4)]).toEqual([0, 0, 1, 1, 1, 1]);
  });

  it('leaves exactly N of every M, and those are the largest', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 99 }),
        (groups, inner, seed) => {
          const dims = [groups * 4, inner];
          const values = Float32Array.from({ length: groups * 4 * inner }, (_, i) => Math.sin(seed + i * 7.3));
          const mask = groupedMask(values, dims, 0, 2, 4);
          for (let g = 0; g < groups; g++) {
            for (let column = 0; column < inner; column++) {
              const at = [0, 1, 2, 3].map((i) => (g * 4 + i) * inner + column);
              const kept = at.filter((i) => mask[i] === 1).map((i) => Math.abs(values[i]!));
              const pruned = at.filter((i) => mask[i] === 0).map((i) => Math.abs(values[i]!));
              expect(kept.length).toBe(2);
              expect(Math.min(...kept)).toBeGreaterThanOrEqual(Math.max(...pruned));
            }
          }
        },
      ),
      { seed: 1 },
    );
  });
});

describe('sparsityOf', () => {
  it.each([
    [[], 0],
    [[0, 0, 1, 2], 0.5],
    [[-0, 1], 0.5],
  ])('of %j is %d', (values, expected) => {
    expect(sparsityOf(values)).toBe(expected);
  });
});
