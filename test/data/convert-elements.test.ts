import { describe, expect, test } from 'vitest';
import { affineOf, gatherOf } from '../../src/data/channel-axis.ts';
import { type Conversion, convertElements } from '../../src/data/convert-elements.ts';
import type { InputOptions } from '../../src/data/dataset-options.ts';
import type { AxisOrder } from '../../src/data/fit-shape.ts';
import type { Elements } from '../../src/data/row-array.ts';
import type { DataType } from '../../src/ir/dtype.ts';
import { elements, toNumbers, toStrings } from '../../src/ir/tensor.ts';
import { failureOf } from './failure-of.ts';

function conversion(
  from: DataType,
  to: DataType,
  dims: number[],
  options: InputOptions = {},
  order: AxisOrder = 'same',
): Conversion {
  const gather = gatherOf(order, options, dims, 'x');
  const affine = affineOf(options, dims, 'x');
  return {
    from,
    to,
    dims,
    allowNonFinite: false,
    input: 'x',
    at: 'here',
    ...(gather === undefined ? {} : { gather }),
    ...(affine === undefined ? {} : { affine }),
  };
}

describe('exact', () => {
  test.each<[DataType, Elements, DataType, (number | bigint)[]]>([
    ['uint8', Uint8Array.of(0, 255), 'float32', [0, 255]],
    ['float64', Float64Array.of(0.1, -2), 'float32', [Math.fround(0.1), -2]],
    ['float32', Float32Array.of(0.1), 'float64', [Math.fround(0.1)]],
    ['int64', BigInt64Array.of(-5n, 7n), 'int32', [-5, 7]],
    ['int32', Int32Array.of(-5, 7), 'int64', [-5n, 7n]],
    ['int64', BigInt64Array.of(2n ** 62n + 1n), 'int64', [2n ** 62n + 1n]],
    ['uint64', BigUint64Array.of(5n), 'int64', [5n]],
    ['int16', Int16Array.of(-5, 256), 'int32', [-5, 256]],
    ['float64', Float64Array.of(3, -4), 'int8', [3, -4]],
    ['float64', Float64Array.of(0, 1), 'bool', [0, 1]],
    ['float16', Uint16Array.of(0x3c00, 0xc000), 'float32', [1, -2]],
    ['float32', Float32Array.of(1, -2), 'float16', [0x3c00, 0xc000]],
    ['bool', Uint8Array.of(1, 0), 'float32', [1, 0]],
    ['int32', Int32Array.of(2 ** 24), 'float32', [2 ** 24]],
  ])('%s %o to %s', (from, values, to, expected) => {
    const tensor = convertElements(values, 0, conversion(from, to, [values.length]));
    expect([tensor.dtype, tensor.dims]).toEqual([to, [values.length]]);
    expect(Array.from(elements(tensor) as ArrayLike<number | bigint>)).toEqual(expected);
  });

  test('nothing to do shares the memory', () => {
    const values = Float32Array.of(1, 2);
    const tensor = convertElements(values, 0, conversion('float32', 'float32', [2]));
    expect((elements(tensor) as Float32Array).buffer).toBe(values.buffer);
  });

  test('texts', () => {
    expect(toStrings(convertElements(['a', 'b'], 0, conversion('string', 'string', [1, 2])))).toEqual(['a', 'b']);
  });
});

describe('refused', () => {
  test.each<[string, DataType, Elements, DataType, string, string]>([
    [
      'NaN',
      'float32',
      Float32Array.of(1, 2, Number.NaN, 4),
      'float32',
      'data-non-finite',
      'sample 7, input x, index [1, 0] is NaN',
    ],
    [
      'infinity',
      'float64',
      Float64Array.of(1, 2, 3, -1 / 0),
      'float32',
      'data-non-finite',
      'index [1, 1] is -Infinity',
    ],
    [
      'a half-float NaN',
      'float16',
      Uint16Array.of(0x7e00, 0, 0, 0),
      'float16',
      'data-non-finite',
      'index [0, 0] is NaN',
    ],
    ['overflow', 'float64', Float64Array.of(1, 1e300, 3, 4), 'float32', 'data-lossy', 'index [0, 1]: 1e+300'],
    [
      'half-float overflow',
      'float32',
      Float32Array.of(1, 1e6, 3, 4),
      'float16',
      'data-lossy',
      '1000000 (float32) does not fit float16',
    ],
    ['a fraction', 'float32', Float32Array.of(1, 2, 3, 0.5), 'int64', 'data-lossy', '0.5 (float32) does not fit int64'],
    ['a wide integer', 'int64', BigInt64Array.of(1n, 2n ** 40n, 3n, 4n), 'int32', 'data-lossy', '1099511627776'],
    ['a negative one', 'int8', Int8Array.of(1, -1, 3, 4), 'uint8', 'data-lossy', '-1 (int8)'],
    ['25 bits', 'int32', Int32Array.of(1, 2 ** 24 + 1, 3, 4), 'float32', 'data-lossy', '16777217'],
    ['63 bits', 'int64', BigInt64Array.of(1n, 2n, 3n, 2n ** 60n + 1n), 'float64', 'data-lossy', '1152921504606846977'],
    [
      'unsigned 64 bits',
      'uint64',
      BigUint64Array.of(1n, 2n, 3n, 2n ** 63n),
      'int64',
      'data-lossy',
      '9223372036854775808',
    ],
    ['a nibble', 'uint8', Uint8Array.of(1, 2, 16, 4), 'uint4', 'data-lossy', '16'],
    ['truth beyond 1', 'uint8', Uint8Array.of(1, 2, 0, 0), 'bool', 'data-lossy', '2 (uint8)'],
    ['text', 'string', ['1', '2', '3', '4'], 'float32', 'data-dtype', 'takes float32'],
    ['numbers for text', 'uint8', Uint8Array.of(1, 2, 3, 4), 'string', 'data-dtype', 'takes string'],
  ])('%s', async (_, from, values, to, code, message) => {
    const failure = await failureOf(() => convertElements(values, 7, conversion(from, to, [2, 2])));
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(message);
  });

  test('non-finite values pass when they may', () => {
    const tensor = convertElements(Float32Array.of(Number.NaN), 0, {
      ...conversion('float32', 'float32', [1]),
      allowNonFinite: true,
    });
    expect(toNumbers(tensor)).toEqual([Number.NaN]);
  });

  test('the index of a value is where it goes, not where it was', async () => {
    const values = Float32Array.of(0, 1, 2, 3, Number.NaN, 5);
    const failure = await failureOf(() =>
      convertElements(values, 0, conversion('float32', 'float32', [1, 3, 1, 2], {}, 'hwc-to-chw')),
    );
    expect(failure.message).toContain('index [0, 1, 0, 1]');
  });
});

describe('changed', () => {
  test('scale, then mean, then std', () => {
    const tensor = convertElements(
      Uint8Array.of(0, 255),
      0,
      conversion('uint8', 'float32', [1, 2], { scale: 1 / 255, mean: 0.5, std: 0.25 }),
    );
    expect(toNumbers(tensor)).toEqual([-2, 2]);
  });

  test('pixels less 128 are int8', () => {
    const tensor = convertElements(Uint8Array.of(0, 255), 0, conversion('uint8', 'int8', [2], { mean: 128 }));
    expect(toNumbers(tensor)).toEqual([-128, 127]);
  });

  const rgb = Uint8Array.of(1, 2, 3, 4, 5, 6); // two pixels side by side
  test.each<[string, number[], InputOptions, AxisOrder, number[]]>([
    ['per channel, last', [1, 1, 2, 3], { mean: [1, 2, 3] }, 'same', [0, 0, 0, 3, 3, 3]],
    ['per channel, moved first', [1, 3, 1, 2], { mean: [1, 2, 3] }, 'hwc-to-chw', [0, 3, 0, 3, 0, 3]],
    ['swapped, last', [1, 1, 2, 3], { channelOrder: 'BGR' }, 'same', [3, 2, 1, 6, 5, 4]],
    [
      'swapped and moved first',
      [1, 3, 1, 2],
      { channelOrder: 'BGR', mean: [3, 2, 1] },
      'hwc-to-chw',
      [0, 3, 0, 3, 0, 3],
    ],
    ['swapped, first', [1, 3, 1, 2], { channelOrder: 'BGR' }, 'same', [5, 6, 3, 4, 1, 2]],
    ['moved last', [1, 1, 2, 3], {}, 'chw-to-hwc', [1, 3, 5, 2, 4, 6]],
    ['two images moved first', [2, 3, 1, 1], {}, 'hwc-to-chw', [1, 2, 3, 4, 5, 6]],
  ])('channels %s', (_, dims, options, order, expected) => {
    expect(toNumbers(convertElements(rgb, 0, conversion('uint8', 'float32', dims, options, order)))).toEqual(expected);
  });

  test.each<[string, number[], InputOptions]>([
    ['as many means as no axis has', [1, 3, 32, 32], { mean: [1, 2] }],
    ['means that two axes could be for', [1, 3, 32, 3], { mean: [1, 2, 3] }],
    ['a std for some channels', [1, 3, 32, 32], { mean: [1, 2, 3], std: [1, 2] }],
    ['BGR of one channel', [1, 1, 32, 32], { channelOrder: 'BGR' }],
  ])('refuses %s', async (_, dims, options) => {
    expect((await failureOf(() => conversion('uint8', 'float32', dims, options))).code).toBe('data-options');
  });
});
