import { describe, expect, it } from 'vitest';
import { OBSERVERS, type ObserverName, type ObserverSettings } from '../../../src/quantize/observers/observer-table.ts';
import { seededRandom } from '../../../src/random/seeded-random.ts';

/** N(0, 1), with one outlier at 40 where asked. */
function normal(count: number, outlier = false): Float32Array {
  const random = seededRandom(11);
  const values = Float32Array.from({ length: count }, () => random.normal());
  if (outlier) values[count >> 1] = 40;
  return values;
}

function rangeOf(name: ObserverName, samples: readonly Float32Array[], settings: ObserverSettings = {}) {
  const observer = OBSERVERS[name].create('x', settings);
  for (const values of samples) observer.observe(values);
  return observer.range();
}

/** The values as samples of 4,000, none of which is too large to be counted whole. */
function samplesOf(values: Float32Array): Float32Array[] {
  return Array.from({ length: Math.ceil(values.length / 4_000) }, (_, i) =>
    values.subarray(i * 4_000, (i + 1) * 4_000),
  );
}

/** Mean squared error of quantizing `values` to 256 levels over a range. */
function loss(values: Float32Array, { min, max }: { min: number; max: number }): number {
  const scale = (max - min) / 255;
  const zeroPoint = Math.round(-min / scale);
  return (
    values.reduce(
      (sum, v) => sum + (v - (Math.min(255, Math.max(0, Math.round(v / scale) + zeroPoint)) - zeroPoint) * scale) ** 2,
      0,
    ) / values.length
  );
}

const names = Object.keys(OBSERVERS) as ObserverName[];

describe.each(names)('%s', (name) => {
  it('gives a constant tensor its own value', () => {
    expect(rangeOf(name, [Float32Array.of(3, 3, 3)])).toEqual({ min: 3, max: 3 });
    expect(rangeOf(name, [new Float32Array(4)])).toEqual({ min: 0, max: 0 });
  });
  it('gives an empty range before any value, and takes empty samples', () => {
    expect(rangeOf(name, [])).toEqual({ min: 0, max: 0 });
    expect(rangeOf(name, [new Float32Array(0), Float32Array.of(1, -1)])).toEqual(
      rangeOf(name, [Float32Array.of(1, -1)]),
    );
  });
  it('never leaves the extent of the values', () => {
    const values = normal(5000, true).map(Math.abs);
    const { min, max } = rangeOf(name, [values]);
    expect(min).toBeGreaterThanOrEqual(0);
    expect(max).toBeLessThanOrEqual(40);
  });
  it('does not depend on the order of the samples', () => {
    const a = normal(3000);
    const b = normal(3000, true).map((value) => value * 2);
    expect(rangeOf(name, [a, b])).toEqual(rangeOf(name, [b, a]));
  });
  it('refuses NaN by the name of the value', () => {
    expect(() => rangeOf(name, [Float32Array.of(1, Number.NaN)])).toThrow(
      expect.objectContaining({ code: 'calibrate-not-finite', at: 'x' }),
    );
  });
});

describe('min-max', () => {
  it('keeps the true maximum over all samples', () => {
    expect(rangeOf('min-max', [Float32Array.of(1, 2), Float32Array.of(100, -7), Float32Array.of(3)])).toEqual({
      min: -7,
      max: 100,
    });
  });
});

describe('percentile', () => {
  it('takes what it leaves out from both tails alike', () => {
    const values = Float32Array.from({ length: 20001 }, (_, i) => (i - 10000) / 10000);
    const { min, max } = rangeOf('percentile', samplesOf(values), { percentile: 90 });
    expect(min).toBeCloseTo(-0.9, 2);
    expect(max).toBeCloseTo(0.9, 2);
  });
  it('takes it all from the top where the values are positive', () => {
    const values = Float32Array.from({ length: 10000 }, (_, i) => i / 10000);
    expect(rangeOf('percentile', samplesOf(values), { percentile: 90 }).max).toBeCloseTo(0.9, 3);
  });
  it('keeps everything at 100', () => {
    expect(rangeOf('percentile', [normal(1000, true)], { percentile: 100 }).max).toBe(40);
  });
});

describe('entropy', () => {
  it('clips an outlier at 40 off a normal distribution', () => {
    const { min, max } = rangeOf('entropy', samplesOf(normal(100_000, true)));
    expect(max).toBeGreaterThan(3);
    expect(max).toBeLessThan(6);
    expect(min).toBeLessThan(-3);
  });
  it('keeps a uniform distribution whole', () => {
    const values = Float32Array.from({ length: 100_000 }, (_, i) => i / 50_000 - 1);
    expect(rangeOf('entropy', samplesOf(values)).max).toBeGreaterThan(0.98);
  });
});

describe('mse', () => {
  it('loses no more than keeping everything, and less where there is an outlier', () => {
    const values = normal(500_000, true);
    const chosen = rangeOf('mse', samplesOf(values));
    expect(loss(values, chosen)).toBeLessThan(0.7 * loss(values, { min: -5, max: 40 }));
    const plain = normal(100_000);
    const kept = rangeOf('min-max', samplesOf(plain));
    expect(loss(plain, rangeOf('mse', samplesOf(plain)))).toBeLessThanOrEqual(loss(plain, kept));
  });
  it('clips both ends independently', () => {
    const values = normal(500_000);
    for (let i = 0; i < values.length; i++) if (values[i]! > 0) values[i]! *= 10;
    values[5] = -30;
    const { min, max } = rangeOf('mse', samplesOf(values));
    expect(min).toBeGreaterThan(-15);
    expect(max).toBeGreaterThan(25);
  });
});
