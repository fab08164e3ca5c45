import { describe, expect, test } from 'vitest';
import { type AxisOrder, fitRow } from '../../src/data/fit-shape.ts';

type Dim = number | string | undefined;

describe('rows that fit', () => {
  test.each<[string, number[], Dim[], number[], AxisOrder]>([
    ['as they are', [28, 28, 1], ['N', 28, 28, 1], [1, 28, 28, 1], 'same'],
    ['with a missing channel axis', [28, 28], [1, 1, 28, 28], [1, 1, 28, 28], 'same'],
    ['with the channel axis elsewhere', [1, 28, 28], [1, 28, 28, 1], [1, 28, 28, 1], 'same'],
    ['unfolded', [784], [1, 1, 28, 28], [1, 1, 28, 28], 'same'],
    ['flattened', [5, 128], ['N', 640], [1, 640], 'same'],
    ['with their own batch axis', [2, 1, 128], [2, undefined, 128], [2, 1, 128], 'same'],
    ['single values for a column', [], ['N', 1], [1, 1], 'same'],
    ['single values for a sequence', [], ['N', 'T'], [1, 1], 'same'],
    ['of open length', [63, 40], ['N', 'T', 40], [1, 63, 40], 'same'],
    ['with an axis too many', [1, 16000], ['N', 'T'], [1, 16000], 'same'],
    ['with channels last', [32, 32, 3], ['N', 3, 32, 32], [1, 3, 32, 32], 'hwc-to-chw'],
    ['with channels first', [3, 32, 48], ['N', 32, 48, 3], [1, 32, 48, 3], 'chw-to-hwc'],
    ['with channels last and open sides', [60, 160, 3], ['N', 3, 'H', 'W'], [1, 3, 60, 160], 'hwc-to-chw'],
    ['with sides of three', [3, 3, 3], ['N', 3, 3, 3], [1, 3, 3, 3], 'same'],
    ['scalars', [], [], [], 'same'],
  ])('%s', (_, row, port, dims, order) => {
    expect(fitRow(row, port)).toEqual({ rowsPerSample: 1, dims, order });
  });

  test('a fixed batch takes as many rows', () => {
    expect(fitRow([28, 28], [8, 1, 28, 28])).toEqual({ rowsPerSample: 8, dims: [8, 1, 28, 28], order: 'same' });
  });

  test('an order that is said wins where both are possible', () => {
    expect(fitRow([3, 3, 3], ['N', 3, 3, 3], 'hwc-to-chw')?.order).toBe('hwc-to-chw');
    expect(fitRow([32, 32, 5], ['N', 5, 32, 32], 'hwc-to-chw')?.dims).toEqual([1, 5, 32, 32]);
  });
});

describe('rows that do not', () => {
  test.each<[string, number[], Dim[]]>([
    ['of another size', [28, 29], [1, 1, 28, 28]],
    ['of another rank with the same count', [14, 56], [1, 28, 28]],
    ['transposed', [40, 63], ['N', 63, 40]],
    ['with five channels last', [32, 32, 5], ['N', 5, 32, 32]],
    ['that could be cut anywhere', [5, 128], ['N', 'T']],
    ['that divide into an open axis', [40, 63], ['N', 'T', 40]],
    ['that lack an open axis', [40], ['N', 'T', 40]],
    ['for an empty batch', [4], [0, 4]],
    ['for a scalar', [2], []],
  ])('%s', (_, row, port) => {
    expect(fitRow(row, port)).toBeUndefined();
  });

  test('channels stay where the order is said to be the same', () => {
    expect(fitRow([32, 32, 3], ['N', 3, 32, 32], 'same')).toBeUndefined();
  });
});
