import { describe, expect, it } from 'vitest';
import { affordableSamples } from '../../../../src/targets/device/quantize/affordable-samples.ts';
import type { TfOperator, TfTensor } from '../../../../src/targets/device/tflite/tf-graph.ts';

function float(...shape: readonly number[]): TfTensor {
  return { name: '', type: 'float32', shape, data: undefined, quantization: undefined };
}

/** `count` fully connected layers of this many inputs and outputs. */
function samplesFor(count: number, width: number): number {
  const operator: TfOperator = {
    name: 'FULLY_CONNECTED',
    inputs: [float(1, width), { ...float(width, width), data: new Uint8Array() }],
    outputs: [float(1, width)],
    options: {},
  };
  return affordableSamples({ name: '', inputs: [], outputs: [], operators: Array(count).fill(operator) });
}

describe('affordableSamples', () => {
  it.each([
    ['many for a small model', 10, 100, 3000],
    ['fewer for many multiply-accumulates', 10, 20_000, 25],
    ['fewer for many operators', 1500, 10, 20],
    ['four at least', 20_000, 100, 4],
  ])('%s', (_, count, width, samples) => {
    expect(samplesFor(count, width)).toBe(samples);
  });

  it('does not divide by nothing', () => {
    expect(affordableSamples({ name: '', inputs: [], outputs: [], operators: [] })).toBe(30_000);
  });
});
