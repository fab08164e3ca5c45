import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../src/random/seeded-random.ts';
import { correctedBias } from '../../../../src/targets/device/quantize/corrected-bias.ts';
import type { OperatorName } from '../../../../src/targets/device/tflite/builtin-operators.ts';
import type { TfTensor } from '../../../../src/targets/device/tflite/tf-graph.ts';

/** Weights, with what they become when rounded to whole numbers of quarters. */
function rounded(shape: readonly number[], scales: number): { values: Float32Array; quantized: TfTensor } {
  const random = seededRandom(7);
  const count = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: count }, () => random.next() * 8 - 4);
  const data = new Uint8Array(Int8Array.from(values, (value) => Math.round(value * 4)).buffer);
  const quantization = { scales: Array(scales).fill(0.25), zeroPoints: Array(scales).fill(0), axis: 0 };
  return { values, quantized: { name: 'w', type: 'int8', shape, data, quantization } };
}

const layer = (name: OperatorName) => ({ name, inputs: [], outputs: [], options: {} });

describe('correctedBias', () => {
  it.each([
    ['CONV_2D', [5, 3, 3, 4], 5, (at: number) => [Math.floor(at / 36), at % 4]],
    ['FULLY_CONNECTED', [5, 4], 1, (at: number) => [Math.floor(at / 4), at % 4]],
    ['DEPTHWISE_CONV_2D', [1, 3, 3, 8], 8, (at: number) => [at % 8, Math.floor((at % 8) / 2)]],
  ] as const)('of %s makes the mean of the results what it was', (name, shape, scales, placeOf) => {
    const { values, quantized } = rounded(shape, scales);
    const means = Float64Array.of(0.5, 2, -1, 3);
    const outputs = name === 'DEPTHWISE_CONV_2D' ? 8 : 5;
    const bias = Float32Array.from({ length: outputs }, (_, k) => k);
    const integers = new Int8Array(quantized.data!.buffer);
    const corrected = correctedBias(layer(name), bias, { values, quantized, means });
    const [expected, found] = [Float64Array.from(bias), Float64Array.from(corrected)];
    for (const [at, value] of values.entries()) {
      const [output = 0, input = 0] = placeOf(at);
      expected[output]! += value * means[input]!;
      found[output]! += integers[at]! * 0.25 * means[input]!;
    }
    for (const [k, mean] of expected.entries()) expect(found[k]).toBeCloseTo(mean, 4);
    expect(corrected).not.toEqual(bias);
  });

  it('leaves a bias alone where the means are of other channels, and in layers that it does not know', () => {
    const { values, quantized } = rounded([5, 4], 1);
    const bias = Float32Array.of(1, 2, 3, 4, 5);
    const setting = { values, quantized, means: new Float64Array(3).fill(1) };
    expect(correctedBias(layer('FULLY_CONNECTED'), bias, setting)).toBe(bias);
    expect(correctedBias(layer('DEPTHWISE_CONV_2D'), bias, setting)).toBe(bias);
    expect(correctedBias(layer('TRANSPOSE_CONV'), bias, { ...setting, means: new Float64Array(4) })).toBe(bias);
  });
});
