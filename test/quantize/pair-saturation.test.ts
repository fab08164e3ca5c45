import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canSaturate, largestPairSum, pairSafeScales, reductionOrder } from '../../src/quantize/pair-saturation.ts';
import { quantizeWeight, weightScales } from '../../src/quantize/quantize-weight.ts';

describe('reductionOrder', () => {
  it('runs over kernel positions, then input channels, in a convolution', () => {
    expect(reductionOrder([8, 3, 5, 7], 0, true)).toEqual({
      lengths: [5, 7, 3],
      strides: [7, 1, 35],
      channelStride: 105,
    });
  });
  it('runs down a column of a matrix', () => {
    expect(reductionOrder([4, 6], 1, false)).toEqual({ lengths: [4], strides: [6], channelStride: 1 });
  });
});

describe('largestPairSum', () => {
  it('adds neighbours of one sign only', () => {
    const order = { lengths: [5], strides: [1] };
    expect(largestPairSum([100, -120, -5, 3, 40], 0, order)).toBe(125);
    expect(largestPairSum([100, -100, 100, -100, 100], 0, order)).toBe(0);
  });
});

describe('canSaturate', () => {
  const order = reductionOrder([2, 2], 1, false);
  it.each([
    ['two large weights of one sign', [127, 0, 127, 0], 255, true],
    ['the limit itself', [64, 0, 64, 0], 255, false],
    ['one past the limit', [65, 0, 64, 0], 255, true],
    ['opposite signs', [127, 0, -127, 0], 255, false],
    ['activations that stay small', [127, 0, 127, 0], 128, false],
    ['the second channel', [0, -127, 0, -10], 255, true],
  ] as const)('decides on %s', (_, weights, peak, expected) => {
    expect(canSaturate(Int8Array.from(weights), 2, order, peak)).toBe(expected);
  });
});

describe('pairSafeScales', () => {
  it('makes saturation impossible at no more than twice the scale', () => {
    const weights = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(weights, fc.boolean(), (list, perChannel) => {
        const values = Float32Array.from(list);
        const dims = [4, 2, 2, 2];
        const order = reductionOrder(dims, 0, true);
        const scales = weightScales(values, dims, perChannel ? 0 : undefined).map((scale) => scale || 1);
        const safe = pairSafeScales(values, scales, 4, order);
        expect(canSaturate(quantizeWeight(values, dims, perChannel ? 0 : undefined, safe), 4, order)).toBe(false);
        safe.forEach((scale, c) => {
          expect(scale).toBeGreaterThanOrEqual(scales[c]!);
          expect(scale).toBeLessThanOrEqual(scales[c]! * 2.001);
        });
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
