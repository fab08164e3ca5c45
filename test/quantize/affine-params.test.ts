import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  affineParams,
  INT8_LIMITS,
  MIN_SCALE,
  quantizeNumber,
  representableRange,
} from '../../src/quantize/affine-params.ts';

const f32 = Math.fround;

describe('affineParams', () => {
  it.each([
    ['0 to 255 is the identity', 0, 255, 'uint8', false, 1, 0],
    ['a range without 0 is widened to it', 2, 10, 'uint8', false, f32(10 / 255), 0],
    ['a negative range ends at 0', -10, -2, 'uint8', false, f32(10 / 255), 255],
    ['-1 to 1', -1, 1, 'uint8', false, f32(2 / 255), 128],
    ['-128 to 127 in int8 is the identity', -128, 127, 'int8', false, 1, 0],
    ['after a Relu int8 starts at -128', 0, 6, 'int8', false, f32(6 / 255), -128],
    ['nothing but 0 has scale 1', 0, 0, 'uint8', false, 1, 0],
    ['symmetric uint8 has zero point 128', -3, 1, 'uint8', true, f32(3 / 127), 128],
    ['symmetric int8 has zero point 0', -1, 3, 'int8', true, f32(3 / 127), 0],
    ['a subnormal range gets the smallest normal scale', 0, 1e-40, 'uint8', false, MIN_SCALE, 0],
    ['the largest range of float32 has a finite scale', -3.4e38, 3.4e38, 'uint8', false, f32(6.8e38 / 255), 128],
    ['half an odd number rounds to even', -0.5, 254.5, 'uint8', false, 1, 0],
    ['one and a half rounds to even', -1.5, 253.5, 'uint8', false, 1, 2],
  ] as const)('%s', (_, min, max, dtype, symmetric, scale, zeroPoint) => {
    expect(affineParams({ min, max }, dtype, symmetric)).toEqual({ dtype, scale, zeroPoint });
  });

  it.each([
    [Number.NaN, 1],
    [0, Number.POSITIVE_INFINITY],
    [2, 1],
  ])('refuses %d to %d', (min, max) => {
    expect(() => affineParams({ min, max }, 'uint8')).toThrow(expect.objectContaining({ code: 'quantize-bad-range' }));
  });

  it('represents 0 exactly and every value of the range to half a step', () => {
    const finite = fc.float({ noNaN: true, noDefaultInfinity: true });
    const type = fc.constantFrom('uint8' as const, 'int8' as const);
    fc.assert(
      fc.property(
        finite,
        finite,
        fc.double({ min: 0, max: 1, noNaN: true }),
        type,
        fc.boolean(),
        (a, b, at, dtype, symmetric) => {
          const range = { min: Math.min(a, b), max: Math.max(a, b) };
          const params = affineParams(range, dtype, symmetric);
          const { qmin, qmax } = INT8_LIMITS[dtype];
          expect(params.scale).toBeGreaterThanOrEqual(MIN_SCALE);
          expect(params.scale).toBe(f32(params.scale));
          expect(params.zeroPoint).toBeGreaterThanOrEqual(qmin);
          expect(params.zeroPoint).toBeLessThanOrEqual(qmax);
          expect(quantizeNumber(0, params)).toBe(params.zeroPoint);
          const value = range.min + at * (range.max - range.min);
          const back = params.scale * (quantizeNumber(value, params) - params.zeroPoint);
          // Rounding the zero point may move the ends by half a step, on top of half a step of the value itself.
          expect(Math.abs(back - value)).toBeLessThanOrEqual(params.scale * 1.001);
        },
      ),
      { seed: 7, numRuns: 500 },
    );
  });
});

describe('representableRange', () => {
  it('spans the 256 levels', () => {
    expect(representableRange({ dtype: 'uint8', scale: 0.5, zeroPoint: 10 })).toEqual({ min: -5, max: 122.5 });
  });
});
