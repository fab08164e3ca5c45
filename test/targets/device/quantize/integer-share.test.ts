import { describe, expect, it } from 'vitest';
import { integerShare } from '../../../../src/targets/device/quantize/integer-share.ts';
import type { OperatorName } from '../../../../src/targets/device/tflite/builtin-operators.ts';
import type { TfOperator, TfTensor } from '../../../../src/targets/device/tflite/tf-graph.ts';

const quantization = { scales: [1], zeroPoints: [0], axis: 0 };
const float = (...shape: number[]): TfTensor => ({
  name: '',
  type: 'float32',
  shape,
  data: undefined,
  quantization: undefined,
});
const int8 = (...shape: number[]): TfTensor => ({ ...float(...shape), type: 'int8', quantization });
const constant = (tensor: TfTensor): TfTensor => ({ ...tensor, data: new Uint8Array() });

function shareOf(name: OperatorName, inputs: readonly TfTensor[], output: TfTensor) {
  const operator: TfOperator = { name, inputs, outputs: [output], options: {} };
  return integerShare({ name: '', inputs: [], outputs: [], operators: [operator] });
}

describe('integerShare', () => {
  it.each([
    ['CONV_2D', [int8(1, 4, 4, 3), constant(int8(8, 3, 3, 3))], int8(1, 4, 4, 8), 4 * 4 * 8 * 27],
    ['DEPTHWISE_CONV_2D', [int8(1, 4, 4, 8), constant(int8(1, 3, 3, 8))], int8(1, 4, 4, 8), 4 * 4 * 8 * 9],
    ['FULLY_CONNECTED', [int8(1, 16), constant(int8(10, 16))], int8(1, 10), 160],
    [
      'TRANSPOSE_CONV',
      [constant(float(4)), constant(int8(6, 2, 2, 3)), int8(1, 4, 4, 3)],
      int8(1, 8, 8, 6),
      16 * 3 * 24,
    ],
    ['BATCH_MATMUL', [int8(2, 5, 7), int8(2, 7, 3)], int8(2, 5, 3), 2 * 5 * 3 * 7],
    ['ADD', [int8(1, 4), int8(1, 4)], int8(1, 4), 0],
  ] as const)('counts %s', (name, inputs, output, macs) => {
    expect(shareOf(name, inputs, output)).toEqual({ integerOperators: 1, operators: 1, integerMacs: macs, macs });
  });

  it('takes 8-bit weights with float data for float, and conversions for nothing', () => {
    const hybrid = shareOf('FULLY_CONNECTED', [float(1, 16), constant(int8(10, 16))], float(1, 10));
    expect(hybrid).toEqual({ integerOperators: 0, operators: 1, integerMacs: 0, macs: 160 });
    expect(shareOf('QUANTIZE', [float(1, 4)], int8(1, 4)).operators).toBe(0);
  });
});
