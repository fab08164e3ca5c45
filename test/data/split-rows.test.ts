import { describe, expect, test } from 'vitest';
import type { Label } from '../../src/data/dataset.ts';
import { makeSample } from '../../src/data/indexed-dataset.ts';
import { type BatchAxes, splitRows } from '../../src/data/split-rows.ts';
import { stringTensor, type Tensor, tensorFromNumbers, toNumbers, toStrings } from '../../src/ir/tensor.ts';

const counted = (...dims: number[]): Tensor => {
  const size = dims.reduce((product, dim) => product * dim, 1);
  return tensorFromNumbers(
    'float32',
    dims,
    Array.from({ length: size }, (_, at) => at),
  );
};
const axes: BatchAxes = {
  inputs: new Map([
    ['x', 0],
    ['state', 1],
  ]),
  outputs: new Map([['y', 0]]),
};
const feed = new Map([
  ['x', counted(2, 3)],
  ['state', counted(2, 2, 2)],
  ['rate', counted(1)],
]);
const labelsOf = (label: Label) => splitRows(makeSample(feed, label), axes)?.map((row) => row.label);

describe('splitRows', () => {
  test('takes each input apart along its own axis, and leaves shared ones whole', () => {
    const rows = splitRows(makeSample(feed), axes)!;
    const read = (name: string) => rows.map((row) => [row.feed.get(name)!.dims, toNumbers(row.feed.get(name)!)]);
    expect(read('x')).toEqual([
      [
        [1, 3],
        [0, 1, 2],
      ],
      [
        [1, 3],
        [3, 4, 5],
      ],
    ]);
    expect(read('state')).toEqual([
      [
        [2, 1, 2],
        [0, 1, 4, 5],
      ],
      [
        [2, 1, 2],
        [2, 3, 6, 7],
      ],
    ]);
    expect(read('rate')).toEqual([
      [[1], [0]],
      [[1], [0]],
    ]);
    expect(rows.map(({ label }) => label)).toEqual([undefined, undefined]);
  });

  test('takes texts apart', () => {
    const texts = new Map([['x', stringTensor([2, 1], ['a', 'b'])]]);
    const rows = splitRows(makeSample(texts), { inputs: new Map([['x', 0]]), outputs: new Map() })!;
    expect(rows.map((row) => toStrings(row.feed.get('x')!))).toEqual([['a'], ['b']]);
  });

  test('takes labels apart that say something of each row', () => {
    expect(labelsOf({ kind: 'classes', indices: [3, 1] })).toEqual([
      { kind: 'class', index: 3 },
      { kind: 'class', index: 1 },
    ]);
    expect(labelsOf({ kind: 'values', values: [1, 2, 3, 4] })).toEqual([
      { kind: 'values', values: [1, 2] },
      { kind: 'values', values: [3, 4] },
    ]);
    const found = labelsOf({ kind: 'outputs', outputs: new Map([['y', counted(2, 1)]]) });
    expect(found).toMatchObject([{ kind: 'outputs' }, { kind: 'outputs' }]);
    expect(found?.map((label) => label?.kind === 'outputs' && toNumbers(label.outputs.get('y')!))).toEqual([[0], [1]]);
  });

  test.each<readonly [string, Label]>([
    ['one class', { kind: 'class', index: 1 }],
    ['three classes for two rows', { kind: 'classes', indices: [1, 2, 3] }],
    ['three values for two rows', { kind: 'values', values: [1, 2, 3] }],
    ['outputs of another size', { kind: 'outputs', outputs: new Map([['y', counted(3, 1)]]) }],
  ])('does not guess which row a label of %s is about', (_, label) => {
    expect(labelsOf(label)).toBeUndefined();
  });

  test('does not split inputs of different numbers of rows', () => {
    const uneven = new Map([...feed, ['state', counted(2, 3, 2)] as const]);
    expect(splitRows(makeSample(uneven), axes)).toBeUndefined();
  });
});
