import { describe, expect, test } from 'vitest';
import { makeSample } from '../../../src/data/indexed-dataset.ts';
import { int64Tensor, stringTensor, tensorFromNumbers } from '../../../src/ir/tensor.ts';
import { labelRows } from '../../../src/validate/scoring/label-rows.ts';
import { outputContents } from '../../../src/validate/scoring/output-content.ts';

describe('rows of a sample', () => {
  test('have a class and their part of the outputs each', () => {
    const outputs = outputContents(
      new Map([
        ['scores', tensorFromNumbers('float32', [2, 3], [1, 2, 3, 4, 5, 6])],
        ['label', int64Tensor([7, 8])],
        ['text', stringTensor([2], ['a', 'b'])],
        ['shared', tensorFromNumbers('float32', [3], [0, 0, 0])],
      ]),
    );
    const sample = makeSample(new Map(), { kind: 'classes', indices: [2, 1] });
    const rows = labelRows({ sample, at: 'data[5]' }, outputs);
    expect(rows.map(({ placed }) => [placed.at, placed.sample.label])).toEqual([
      ['data[5] row 0', { kind: 'class', index: 2 }],
      ['data[5] row 1', { kind: 'class', index: 1 }],
    ]);
    const second = rows[1]!.outputs;
    expect(second.get('scores')).toMatchObject({ dims: [1, 3], values: [4, 5, 6] });
    expect(second.get('label')).toMatchObject({ dims: [1], nature: 'labels' });
    expect(second.get('text')).toMatchObject({ dims: [1], texts: ['b'] });
    expect(second.get('shared')).toBe(outputs.get('shared'));
  });

  test('are the sample itself where it has one label', () => {
    const placed = { sample: makeSample(new Map(), { kind: 'class', index: 2 }), at: 'data[0]' };
    const outputs = outputContents(new Map([['y', int64Tensor([1, 2])]]));
    expect(labelRows(placed, outputs)).toEqual([{ placed, outputs }]);
  });
});
