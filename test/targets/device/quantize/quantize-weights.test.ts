import { describe, expect, it } from 'vitest';
import {
  needsConstantWeights,
  storeWeightsInFloat16,
} from '../../../../src/targets/device/quantize/quantize-weights.ts';
import type { TfOperator, TfTensor } from '../../../../src/targets/device/tflite/tf-graph.ts';

function activation(shape: readonly number[]): TfTensor {
  return { name: 'x', type: 'float32', shape, data: undefined, quantization: undefined };
}

/** A convolution of `kernel` squared by 32 channels, over square images of a size. */
function convolution(size: number, kernel: number, name: 'CONV_2D' | 'TRANSPOSE_CONV' = 'CONV_2D'): TfOperator {
  const shape = [8, kernel, kernel, 32];
  const data = new Uint8Array(4 * shape.reduce((a, b) => a * b, 1));
  const weights: TfTensor = { ...activation(shape), name: 'w', data };
  return {
    name,
    inputs: [activation([1, size, size, 32]), weights],
    outputs: [activation([1, size, size, 8])],
    options: {},
  };
}

describe('weights in float16', () => {
  it.each([
    ['a patch of 10 kB at each of 720 x 720 points', convolution(720, 9), true],
    ['the same at 64 x 64', convolution(64, 9), false],
    ['points without neighbours', convolution(720, 1), false],
    ['an operator that unfolds nothing', convolution(720, 9, 'TRANSPOSE_CONV'), false],
  ])('%s', (_, operator, kept) => {
    expect(needsConstantWeights(operator)).toBe(kept);
    const { operators } = storeWeightsInFloat16({ name: '', inputs: [], outputs: [], operators: [operator] });
    expect(operators.map(({ name }) => name)).toEqual(kept ? [operator.name] : widened(operator));
  });
});

/** Weights of fewer than 1024 elements are not worth it. */
function widened({ name, inputs: [, weights] }: TfOperator): readonly string[] {
  return weights!.data!.byteLength < 4096 ? [name] : ['DEQUANTIZE', name];
}
