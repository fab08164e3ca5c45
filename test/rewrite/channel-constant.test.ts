import { describe, expect, test } from 'vitest';
import { elementCount, tensorFromNumbers } from '../../src/ir/tensor.ts';
import { channelConstant } from '../../src/rewrite/channel-constant.ts';

const ascending = (dims: readonly number[]) =>
  tensorFromNumbers(
    'float32',
    dims,
    Array.from({ length: elementCount(dims) }, (_, index) => index + 1),
  );

const image = { rank: 4, axis: 1, channels: 3 };
const last = { rank: 2, axis: -1, channels: 3 };

describe('channelConstant', () => {
  test.each([
    [image, [], [1, 1, 1]],
    [image, [1, 1, 1], [1, 1, 1]],
    [image, [3, 1, 1], [1, 2, 3]],
    [image, [1, 3, 1, 1], [1, 2, 3]],
    [last, [3], [1, 2, 3]],
    [last, [1, 3], [1, 2, 3]],
    [{ rank: 4, axis: 1, channels: 1 }, [1, 1, 1, 1], [1]],
  ])('%j: a constant of dimensions %j is %j', (axis, dims, expected) => {
    expect(Array.from(channelConstant(ascending(dims), axis) as Float64Array)).toEqual(expected);
  });

  test.each([
    [image, [3], 'the constant varies along an axis that is not the channels'],
    [image, [3, 1], 'the constant varies along an axis that is not the channels'],
    [image, [2, 1, 1, 1], 'the constant varies along an axis that is not the channels'],
    [image, [1, 3, 1, 2], 'the constant varies along an axis that is not the channels'],
    [image, [1, 1, 1, 1, 1], 'the constant has more dimensions than the result'],
    [{ rank: 4, axis: 1, channels: 1 }, [5, 1, 1], 'the constant widens the channels'],
    [last, [3, 1], 'the constant varies along an axis that is not the channels'],
  ])('%j: not a constant of dimensions %j, because %s', (axis, dims, reason) => {
    expect(channelConstant(ascending(dims), axis)).toBe(reason);
  });
});
