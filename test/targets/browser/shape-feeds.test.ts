import { describe, expect, it } from 'vitest';
import { shapeFeeds } from '../../../src/targets/browser/program/loader/shape-feeds.js';

const input = (type: string, shape: readonly (number | string | null)[]) => [{ name: 'x', type, shape }];

describe('what a caller feeds', () => {
  it.each([
    ['a typed array', input('float32', [1, 3]), Float32Array.of(1, 2, 3), [1, 3]],
    ['an array of numbers', input('float32', [1, 3]), [1, 2, 3], [1, 3]],
    ['elements that tell the one open dimension', input('float32', ['batch', 3]), [1, 2, 3, 4, 5, 6], [2, 3]],
    ['elements with dimensions', input('float32', [null, 'n']), { data: [1, 2, 3, 4], dims: [2, 2] }, [2, 2]],
    ['a scalar', input('float32', []), [7], []],
    ['nothing, of a dimension that is 0', input('float32', ['n', 3]), [], [0, 3]],
  ])('may be %s', (_, inputs, value, dims) => {
    const { x } = shapeFeeds(inputs, { x: value as number[] });
    expect(x).toMatchObject({ type: 'float32', dims });
    expect(x?.data).toBeInstanceOf(Float32Array);
    expect(x?.data).toHaveLength(dims.reduce((count, size) => count * size, 1));
  });

  it.each([
    ['int64', [1, 2n], BigInt64Array.of(1n, 2n)],
    ['uint64', [1, 2n], BigUint64Array.of(1n, 2n)],
    ['bool', [true, 0], Uint8Array.of(1, 0)],
    ['int8', [-1, 2], Int8Array.of(-1, 2)],
    ['float64', [0.1, 2], Float64Array.of(0.1, 2)],
    ['string', ['a', 'b'], ['a', 'b']],
  ])('becomes %s', (type, value, data) => {
    expect(shapeFeeds(input(type, [2]), { x: value }).x?.data).toEqual(data);
  });

  it.each([
    ['an input that is not there', { z: [1] }, input('float32', [1]), 'feed-unknown'],
    ['a name that objects have', { toString: [1] }, input('float32', [1]), 'feed-unknown'],
    ['a missing input', {}, input('float32', [1]), 'feed-missing'],
    ['too few elements', { x: [1, 2] }, input('float32', [1, 3]), 'feed-shape'],
    ['elements that fill no row', { x: [1, 2] }, input('float32', ['n', 3]), 'feed-shape'],
    ['two open dimensions', { x: [1, 2] }, input('float32', ['n', 'm']), 'feed-shape'],
    [
      'dimensions that the model has not',
      { x: { data: [1, 2], dims: [2, 1] } },
      input('float32', [1, 'n']),
      'feed-shape',
    ],
    ['another rank', { x: { data: [1, 2], dims: [2] } }, input('float32', [1, 'n']), 'feed-shape'],
    ['another typed array', { x: Int32Array.of(1) }, input('float32', [1]), 'feed-type'],
    ['numbers for float16', { x: [1] }, input('float16', [1]), 'feed-type'],
    ['fractions for int64', { x: [0.5] }, input('int64', [1]), 'feed-type'],
    ['integers that do not fit', { x: [256] }, input('uint8', [1]), 'feed-type'],
    ['wide integers that do not fit', { x: [2n ** 63n] }, input('int64', [1]), 'feed-type'],
    ['nested arrays', { x: [[1, 2, 3]] }, input('float32', [1, 3]), 'feed-type'],
    ['texts for numbers', { x: ['1'] }, input('float32', [1]), 'feed-type'],
    ['one number', { x: 1 }, input('float32', [1]), 'feed-type'],
    ['null', { x: null }, input('float32', [1]), 'feed-missing'],
    ['nothing at all', undefined, input('float32', [1]), 'feed-type'],
    ['dimensions below 0', { x: { data: [1, 2, 3, 4], dims: [-2, -2] } }, input('float32', ['n', null]), 'feed-shape'],
    ['numbers for strings', { x: [1] }, input('string', [1]), 'feed-type'],
    ['a type that nothing holds', { x: [1] }, input('bfloat16', [1]), 'feed-type'],
  ])('is refused with %s', (_, feeds, inputs, code) => {
    expect(() => shapeFeeds(inputs, feeds as unknown as Record<string, number[]>)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
