import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GrowingHistogram, HISTOGRAM_BINS } from '../../../src/quantize/observers/growing-histogram.ts';

/** Counts of non-zero values per bin, made without the class under test. */
function countsOf(values: readonly number[], histogram: GrowingHistogram): Float64Array {
  const counts = new Float64Array(HISTOGRAM_BINS);
  for (const value of values) if (value !== 0) counts[Math.floor(value / histogram.width) - histogram.first]! += 1;
  return counts;
}

const sample = fc.array(
  fc.oneof(
    fc.float({ min: Math.fround(-1e6), max: Math.fround(1e6), noNaN: true }),
    fc.float({ min: -1, max: 1, noNaN: true }),
    fc.constant(0),
  ),
  { maxLength: 40 },
);

describe('GrowingHistogram', () => {
  it('gives the same bins however the values are split into samples', () => {
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 6 }), (samples) => {
        const histogram = new GrowingHistogram('x', 4096);
        for (const values of samples) histogram.add(Float32Array.from(values));
        const all = samples.flat();
        expect(histogram.total).toBe(all.length);
        expect(histogram.zeros).toBe(all.filter((value) => value === 0).length);
        if (histogram.width > 0) expect(histogram.counts).toEqual(countsOf(all, histogram));
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it('spans the values with at least half of its bins, and always 0', () => {
    const histogram = new GrowingHistogram('x', 4096);
    histogram.add(Float32Array.of(0.1, 0.2));
    histogram.add(Float32Array.of(1000, 3));
    expect(histogram.first).toBe(0);
    expect(1000 / histogram.width).toBeGreaterThan(HISTOGRAM_BINS / 2 - 1);
    expect(1000 / histogram.width).toBeLessThan(HISTOGRAM_BINS);
    expect([histogram.min, histogram.max]).toEqual([Math.fround(0.1), 1000]);
  });

  it('counts a large tensor by a part of it, but knows its true ends', () => {
    const values = Float32Array.from({ length: 100_000 }, (_, i) => (i % 10) / 10);
    values[12345] = 50;
    const histogram = new GrowingHistogram('x', 4096);
    histogram.add(values);
    expect(histogram.max).toBe(50);
    expect(histogram.total).toBe(100_000);
    expect(histogram.zeros / histogram.total).toBeCloseTo(0.1, 2);
    const counted = histogram.counts.reduce((sum, count) => sum + count, histogram.zeros);
    expect(counted).toBeCloseTo(histogram.total, 6);
  });

  it('counts negative zero as zero', () => {
    const histogram = new GrowingHistogram('x', 4096);
    histogram.add(Float32Array.of(-0, 0, -0));
    expect(histogram).toMatchObject({ zeros: 3, total: 3, min: 0, max: 0 });
    histogram.add(Float32Array.of(-0, 1));
    expect(histogram).toMatchObject({ zeros: 4, total: 5, min: 0, max: 1 });
  });

  it('refuses NaN and infinities by the name of the value', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -Number.NaN]) {
      const refused = () => new GrowingHistogram('conv_out', 4096).add(Float32Array.of(1, bad, 2));
      expect(refused).toThrow(expect.objectContaining({ code: 'calibrate-not-finite', at: 'conv_out' }));
    }
  });
});
