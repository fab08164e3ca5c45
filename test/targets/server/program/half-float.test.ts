import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeNarrowFloat, encodeNarrowFloat } from '../../../../src/ir/float-formats.ts';
import { decodeHalf, encodeHalf } from '../../../../src/targets/server/program/serving/half-float.mjs';

describe('half floats of the serving program', () => {
  it('are decoded as the compiler decodes them, and encoded back, in every bit pattern', () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = decodeHalf(bits);
      if (!Object.is(value, decodeNarrowFloat('float16', bits))) throw new Error(`${bits} is read as ${value}`);
      if (!Number.isNaN(value) && encodeHalf(value) !== bits)
        throw new Error(`${value} is written as ${encodeHalf(value)}`);
    }
  });

  it('are rounded as the compiler rounds them', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.double({ noNaN: true }),
          fc.double({ min: -70000, max: 70000, noNaN: true }),
          fc.double({ min: -1e-4, max: 1e-4, noNaN: true }),
        ),
        (value) => {
          expect(encodeHalf(value)).toBe(encodeNarrowFloat('float16', value));
        },
      ),
      { seed: 3, numRuns: 2000 },
    );
  });

  it.each([
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [2 ** -25, 0],
    [2 ** -25 * 1.0001, 1],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [2 - 2 ** -12, 0x4000],
    [Number.NaN, 0x7e00],
  ])('round %f to %i', (value, bits) => {
    expect(encodeHalf(value)).toBe(bits);
  });
});
