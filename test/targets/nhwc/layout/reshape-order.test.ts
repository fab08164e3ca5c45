import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moveElements, orderedShape } from '../../../../src/targets/nhwc/layout/permutation.ts';
import { reshapedOrder } from '../../../../src/targets/nhwc/layout/reshape-order.ts';

describe('the order of a reshaped tensor', () => {
  it.each([
    ['channels split in groups', [1, 6, 4, 5], [1, 2, 3, 4, 5], [0, 2, 3, 1], [0, 3, 4, 1, 2]],
    ['groups joined', [1, 2, 3, 4, 5], [1, 6, 4, 5], [0, 3, 4, 1, 2], [0, 2, 3, 1]],
    ['pixels joined', [1, 6, 4, 5], [6, 20], [0, 2, 3, 1], [1, 0]],
    ['everything joined', [1, 6, 4, 5], [1, 120], [0, 2, 3, 1], undefined],
    ['one pixel flattened', [1, 6, 1, 1], [1, 6], [0, 2, 3, 1], [0, 1]],
    ['channels and rows joined', [1, 6, 4, 5], [1, 24, 5], [0, 2, 3, 1], undefined],
  ])('%s', (_, from, to, order, expected) => {
    expect(reshapedOrder(from, to, order)).toEqual(expected);
  });

  it('is one in which the elements lie where they did', () => {
    const dims = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
    const setting = dims.chain((from) =>
      fc.record({
        from: fc.constant(from),
        order: fc.shuffledSubarray(
          from.map((_, axis) => axis),
          { minLength: from.length, maxLength: from.length },
        ),
        joined: fc.array(fc.boolean(), { minLength: from.length, maxLength: from.length }),
      }),
    );
    fc.assert(
      fc.property(setting, ({ from, order, joined }) => {
        const to: number[] = [];
        for (const [axis, dim] of from.entries()) {
          if (joined[axis] && to.length > 0) to.push(to.pop()! * dim);
          else to.push(dim);
        }
        const result = reshapedOrder(from, to, order);
        if (result === undefined) return;
        const bytes = Uint8Array.from({ length: from.reduce((a, b) => a * b, 1) }, (_, k) => k);
        expect(moveElements(bytes, to, result, 1)).toEqual(moveElements(bytes, from, order, 1));
        expect(orderedShape(to, result).reduce((a, b) => a * b, 1)).toBe(bytes.length);
      }),
      { seed: 5, numRuns: 500 },
    );
  });
});
