import { describe, expect, test } from 'vitest';
import { stringTensor, type Tensor, tensorFromNumbers } from '../../../src/ir/tensor.ts';
import { compareOutputs } from '../../../src/validate/scoring/compare-outputs.ts';
import { type OutputContent, outputContent } from '../../../src/validate/scoring/output-content.ts';

const content = (tensor: Tensor): OutputContent => outputContent(tensor)!;
const float = (dims: readonly number[], values: readonly number[]): OutputContent =>
  content(tensorFromNumbers('float32', dims, values));

const NAN = Number.NaN;
const INF = Number.POSITIVE_INFINITY;

describe('comparing an output', () => {
  test.each<[string, OutputContent, OutputContent | undefined, string | undefined]>([
    ['the same shape', float([1, 2], [1, 2]), float([1, 2], [1, 3]), undefined],
    ['ones apart', float([1, 2], [1, 2]), float([2], [1, 3]), undefined],
    ['another length', float([1, 2], [1, 2]), float([1, 3], [1, 2, 3]), 'shape'],
    ['axes exchanged', float([2, 3], [1, 2, 3, 4, 5, 6]), float([3, 2], [1, 2, 3, 4, 5, 6]), 'shape'],
    ['missing', float([1], [1]), undefined, 'missing'],
    ['text for numbers', float([1], [1]), content(stringTensor([1], ['1'])), 'type'],
    [
      'integers for floats are compared as numbers',
      float([2], [1, 2]),
      content(tensorFromNumbers('uint8', [2], [1, 2])),
      undefined,
    ],
    ['NaN', float([2], [1, 2]), float([2], [1, NAN]), 'not-finite'],
    ['an infinity', float([2], [1, 2]), float([2], [1, -INF]), 'not-finite'],
    ['NaN where the reference has it too', float([2], [1, NAN]), float([2], [1, NAN]), undefined],
    ['a number where the reference is infinite, as of a mask', float([2], [1, -INF]), float([2], [1, -100]), undefined],
    ['NaN where the reference is infinite', float([2], [1, -INF]), float([2], [1, NAN]), 'not-finite'],
    ['empty', float([0, 4], []), float([0, 4], []), undefined],
  ])('%s', (_, expected, actual, kind) => {
    expect(compareOutputs(expected, actual).failure?.kind).toBe(kind);
  });

  test('what is broken counts as NaN throughout', () => {
    const { outcome } = compareOutputs(float([1, 2], [1, 2]), float([1, 3], [1, 2, 3]));
    expect(outcome).toEqual({
      expected: Float32Array.of(1, 2),
      actual: Float64Array.of(NAN, NAN),
      rowLength: 2,
    });
  });

  test('texts are the same or not', () => {
    const texts = (...values: string[]): OutputContent => content(stringTensor([values.length], values));
    const { outcome } = compareOutputs(texts('a', 'b', 'c'), texts('a', 'x', 'c'));
    expect([Array.from(outcome.expected), Array.from(outcome.actual)]).toEqual([
      [0, 0, 0],
      [0, 1, 0],
    ]);
  });

  test.each([
    [[1, 10], 10],
    [[1, 10, 1, 1], 10],
    [[1, 3, 5], 5],
    [[], 1],
  ])('rows of shape %j are %i long', (dims, rowLength) => {
    const count = dims.reduce((a, b) => a * b, 1);
    const zeros = float(dims, new Array(count).fill(0));
    expect(compareOutputs(zeros, zeros).outcome.rowLength).toBe(rowLength);
  });
});
