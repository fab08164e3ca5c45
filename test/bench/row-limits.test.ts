import { describe, expect, it } from 'vitest';
import type { QuantizationRow } from '../../bench/zoo-quantization/quantization-row.ts';
import { brokenLimits } from '../../bench/zoo-quantization/row-limits.ts';

const exactly = (value: number) => ({ value, low: value, high: value });
const target: QuantizationRow['targets'][number] = {
  name: 'server',
  target: 'server',
  precision: 'int8',
  accuracy: exactly(0.9),
  drop: exactly(0.01),
  mcnemarP: 1,
  sqnr: 30,
  sizeRatio: 0.3,
  brotliRatio: 0.3,
  coverage: 0.95,
};
const kept: QuantizationRow = {
  model: 'm',
  data: 'd',
  calibrationSamples: 100,
  validationSamples: 1000,
  metric: 'top1',
  unit: 'fraction',
  source: {
    bytes: 1e6,
    weightBytes: 9e5,
    floatWeightBytes: 9e5,
    macs: 1e6,
    convolutional: true,
    accuracy: exactly(0.91),
    latency: exactly(1),
  },
  skipped: null,
  targets: [target],
  failedTargets: [],
  speedup: exactly(2),
  optimize: { seconds: 1, peakBytes: 1 },
  quantizeOnly: { seconds: 1, peakBytes: 1 },
  warnings: [],
  peer: null,
};
const withTarget = (changes: Partial<typeof target>): QuantizationRow => ({
  ...kept,
  targets: [{ ...target, ...changes }],
});

describe('brokenLimits', () => {
  it('is content with a row at its limits', () => {
    expect(brokenLimits(kept)).toEqual([]);
  });

  it.each([
    [
      'drop',
      { drop: { value: 0.011, low: -0.002, high: 0.02 } },
      'server: top1 drops by 1.1% [-0.2%, 2.0%] on 1000 samples',
    ],
    ['size', { sizeRatio: 0.301 }, 'server: 0.301 of its size'],
    ['coverage', { coverage: 0.949 }, 'server: 94.9% of its multiply-accumulates in int8'],
    ['coverage that is not known', { coverage: null }, 'server: 0.0% of its multiply-accumulates in int8'],
  ])('tells of the %s', (_, changes, text) => {
    expect(brokenLimits(withTarget(changes))).toEqual([text]);
  });

  it('asks for size only where there are weights, for coverage only of convolutional nets', () => {
    const row = withTarget({ sizeRatio: 0.9, coverage: 0 });
    expect(brokenLimits({ ...row, source: { ...row.source, floatWeightBytes: 1e5, convolutional: false } })).toEqual(
      [],
    );
  });

  it('asks for neither where nothing was quantized, with the reason, but still for accuracy', () => {
    const row = withTarget({ sizeRatio: 1, coverage: null, drop: exactly(0.5) });
    expect(brokenLimits({ ...row, skipped: 'no weights' })).toHaveLength(1);
  });
});
