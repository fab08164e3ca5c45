import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantizeWeight, weightScales } from '../../src/quantize/quantize-weight.ts';

const f32 = Math.fround;

describe('weightScales', () => {
  const values = Float32Array.of(1, -2, 3, -4, 0, 0);
  it.each([
    ['one for the tensor', undefined, [4 / 127]],
    ['one per row', 0, [2 / 127, 4 / 127, 0]],
    ['one per column', 1, [3 / 127, 4 / 127]],
  ] as const)('gives %s', (_, axis, expected) => {
    expect([...weightScales(values, [3, 2], axis)]).toEqual(expected.map(f32));
  });

  it('takes a middle axis', () => {
    expect([...weightScales(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), [2, 2, 2], 1)]).toEqual([
      f32(6 / 127),
      f32(8 / 127),
    ]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses a weight that is %d', (bad) => {
    expect(() => weightScales(Float32Array.of(1, bad), [2], 0)).toThrow(/element 1 of a weight/);
  });

  it('refuses dimensions that do not fit', () => {
    expect(() => weightScales(new Float32Array(5), [2, 3], 0)).toThrow(RangeError);
    expect(() => weightScales(new Float32Array(6), [2, 3], 2)).toThrow(RangeError);
  });
});

describe('quantizeWeight', () => {
  it('rounds half to even and never gives -128', () => {
    const q = quantizeWeight(Float32Array.of(0.5, 1.5, 2.5, -0.5, -1.5, -300), [6], undefined, [1]);
    expect([...q]).toEqual([0, 2, 2, 0, -2, -127]);
  });

  it('is off by at most half a step, in every channel', () => {
    const weight = fc.array(fc.float({ min: f32(-1e3), max: f32(1e3), noNaN: true }), { minLength: 24, maxLength: 24 });
    fc.assert(
      fc.property(weight, fc.integer({ min: 0, max: 2 }), (list, axis) => {
        const dims = [2, 3, 4];
        const values = Float32Array.from(list);
        const scales = weightScales(values, dims, axis).map((scale) => scale || 1);
        const q = quantizeWeight(values, dims, axis, scales);
        const inner = dims.slice(axis + 1).reduce((a, b) => a * b, 1);
        values.forEach((value, i) => {
          const scale = scales[Math.floor(i / inner) % dims[axis]!]!;
          expect(Math.abs(value - q[i]! * scale)).toBeLessThanOrEqual(scale * 0.5001);
        });
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});
