import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MIN_SCALE } from '../../src/quantize/affine-params.ts';
import { BIAS_LIMIT, quantizeBias, settleWeightScales } from '../../src/quantize/quantize-bias.ts';

describe('quantizeBias', () => {
  it('counts in units of input scale x weight scale, per channel', () => {
    const { values, scales } = quantizeBias([1, -1], 0.5, [0.25, 0.125]);
    expect([...values]).toEqual([8, -16]);
    expect([...scales]).toEqual([0.125, 0.0625]);
  });

  it('shares one scale where the weight has one', () => {
    const { values, scales } = quantizeBias([1, -1, 0.0625], 0.5, [0.25]);
    expect([...values]).toEqual([8, -8, 0]);
    expect([...scales]).toEqual([0.125]);
  });
});

describe('settleWeightScales', () => {
  it('leaves scales alone that the bias fits', () => {
    expect([...settleWeightScales([0.5, 0.25], [1, 1], 0.01)]).toEqual([0.5, 0.25]);
  });

  it('enlarges the scale of an all but dead channel until its bias fits', () => {
    const [dead, alive] = settleWeightScales([1e-12, 0.25], [3, 3], 0.01);
    expect(alive).toBe(0.25);
    expect(dead).toBeCloseTo(3 / (0.01 * BIAS_LIMIT), 12);
  });

  it('gives a channel of zeros the scale that states its bias best, or the largest', () => {
    const [withBias, without] = settleWeightScales([0, 0, 0.5], [1, 0, 1], 0.01);
    expect(withBias).toBeCloseTo(1 / (0.01 * BIAS_LIMIT), 12);
    expect(without).toBe(0.5);
    expect([...settleWeightScales([0], undefined, 0.01)]).toEqual([1]);
  });

  it('keeps the scale of the bias a normal number', () => {
    const [scale] = settleWeightScales([1e-30], [0], 1e-20);
    expect(Math.fround(scale! * 1e-20)).toBeGreaterThanOrEqual(MIN_SCALE * 0.999);
  });

  it('makes every bias exact to half a unit without overflow', () => {
    const scale = fc.double({ min: 1e-12, max: 10, noNaN: true });
    const bias = fc.double({ min: -1e4, max: 1e4, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(scale, bias), { minLength: 1, maxLength: 5 }), scale, (channels, inputScale) => {
        const biases = channels.map(([, b]) => b);
        const settled = settleWeightScales(
          channels.map(([s]) => Math.fround(s)),
          biases,
          inputScale,
        );
        const { values, scales } = quantizeBias(biases, inputScale, settled);
        biases.forEach((b, c) => {
          const step = scales[scales.length === 1 ? 0 : c]!;
          expect(Math.abs(values[c]!)).toBeLessThanOrEqual(BIAS_LIMIT);
          expect(Math.abs(values[c]! * step - b)).toBeLessThanOrEqual(step * 0.5001 + Math.abs(b) * 1e-6);
        });
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
