import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeNpz } from '../../src/data/npz.ts';
import { type DatasetModel, openDataset } from '../../src/data/open-dataset.ts';
import type { DataType } from '../../src/ir/dtype.ts';
import { elementCount, stringTensor, type Tensor, tensorFromNumbers, toNumbers } from '../../src/ir/tensor.ts';
import { failureOf } from './failure-of.ts';
import { port } from './port.ts';
import { temporaryFolders } from './temporary-folder.ts';

const folder = temporaryFolders();

/** A tensor of 0, 1, 2 and so on. */
function counting(dtype: DataType, ...dims: number[]): Tensor {
  return tensorFromNumbers(
    dtype,
    dims,
    Array.from({ length: elementCount(dims) }, (_, i) => i),
  );
}

const ints = (...values: number[]): Tensor => tensorFromNumbers('int64', [values.length], values);

async function openNpz(tensors: Record<string, Tensor>, model: DatasetModel) {
  const files = { 'd.npz': writeNpz(new Map(Object.entries(tensors))) };
  return await openDataset(join(folder(files), 'd.npz'), model);
}

const image = { inputs: [port('x', 'float32[N,2,2,1]')] };

describe('labels', () => {
  const x = counting('float32', 2, 2, 2);
  const scores = (width: number) => [port('scores', `float32[N,${width}]`)];
  const classifier = (width: number) => [port('label', 'int64[N]'), ...scores(width)];
  const detector = [port('label', 'int64[N,1]'), port('scores', 'float32[N,1]')];
  const floats = (...values: number[]) => tensorFromNumbers('float64', [values.length], values);

  test.each<[string, Tensor, DatasetModel['outputs'], object, unknown]>([
    ['integers are classes', ints(3, 1), undefined, {}, [3, 1]],
    ['of a column too', tensorFromNumbers('uint8', [2, 1], [3, 1]), undefined, {}, [3, 1]],
    ['negative ones are values', ints(-1, 1), undefined, {}, [[-1], [1]]],
    ['for one output above 1 they are values', ints(7, 1), scores(1), {}, [[7], [1]]],
    ['for one output of 0 and 1 they are classes', ints(0, 1), scores(1), {}, [0, 1]],
    ['whole floats are values', floats(3, 1), undefined, {}, [[3], [1]]],
    ['but classes of a classifier', floats(3, 1), scores(10), {}, [3, 1]],
    ['unless there are fewer classes', floats(30, 1), scores(10), {}, [[30], [1]]],
    ['negative ones of a model that gives classes are classes', ints(-1, 1), detector, {}, [0, 1]],
    ['whatever numbers a model gives, as many as it has classes', ints(9, 4), classifier(2), {}, [1, 0]],
    ['of floats too', floats(2, 1), classifier(2), {}, [1, 0]],
    ['others are indices', ints(9, 4), classifier(10), {}, [9, 4]],
    ['unless they can be indices', ints(1, 0), classifier(2), {}, [1, 0]],
    ['fractions are values', floats(0.5, 1), scores(10), {}, [[0.5], [1]]],
    ['texts are classes in sorted order', stringTensor([2], ['dog', 'cat']), undefined, {}, [1, 0]],
    ['or in the order listed', stringTensor([2], ['dog', 'cat']), undefined, { classes: ['dog', 'cat'] }, [0, 1]],
    ['numbers are looked up where listed', ints(-1, 1), undefined, { classes: [-1, 1] }, [0, 1]],
    ['numbers index classes of names', ints(1, 0), undefined, { classes: ['dog', 'cat'] }, [1, 0]],
    ['one-hot rows are classes', tensorFromNumbers('float32', [2, 3], [0, 0, 1, 1, 0, 0]), scores(3), {}, [2, 0]],
    [
      'other rows are values',
      tensorFromNumbers('float32', [2, 3], [0, 0, 1, 1, 1, 0]),
      scores(3),
      {},
      [
        [0, 0, 1],
        [1, 1, 0],
      ],
    ],
    ['the kind can be said', ints(3, 1), undefined, { labelKind: 'values' }, [[3], [1]]],
    ['either way', floats(3, 1), undefined, { labelKind: 'class' }, [3, 1]],
    ['or that there are none', ints(3, 1), undefined, { labels: false }, [undefined, undefined]],
  ])('%s', async (_, y, outputs, options, expected) => {
    const dataset = await openNpz({ x, y }, { ...image, ...(outputs && { outputs }), options });
    const labels: unknown[] = [];
    for await (const { label } of dataset.samples()) {
      labels.push(label?.kind === 'class' ? label.index : label?.kind === 'values' ? label.values : undefined);
    }
    expect(labels).toEqual(expected);
  });

  test('names of classes are told', async () => {
    const dataset = await openNpz({ x, y: stringTensor([2], ['dog', 'cat']) }, image);
    expect(dataset.classNames).toEqual(['cat', 'dog']);
  });

  test('numbers that are taken for classes are told', async () => {
    const dataset = await openNpz({ x, y: ints(9, 4) }, { ...image, outputs: classifier(2) });
    expect(dataset.classNames).toEqual(['4', '9']);
    expect(dataset.notes.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'data-classes-in-order: the labels 4, 9 are taken for the 2 classes of the model, in this order',
    ]);
  });

  test.each<[string, Tensor, object]>([
    ['a text that is not listed', stringTensor([2], ['dog', 'cow']), { classes: ['dog', 'cat'] }],
    ['a number that is not listed', ints(5, 1), { classes: [1, 2] }],
    ['a fraction for a class', tensorFromNumbers('float32', [2], [0.5, 1]), { labelKind: 'class' }],
    ['texts in columns', stringTensor([2, 2], ['a', 'b', 'c', 'd']), {}],
  ])('%s is an error', async (_, y, options) => {
    expect((await failureOf(() => openNpz({ x, y }, { ...image, options }))).code).toBe('data-labels');
  });

  test('arrays of the outputs are what is expected', async () => {
    const dataset = await openNpz(
      { x, logits: counting('float32', 2, 3) },
      { ...image, outputs: [port('logits', 'float32[N,3]')] },
    );
    const { label } = await dataset.sample(1);
    expect(label?.kind === 'outputs' && toNumbers(label.outputs.get('logits')!)).toEqual([3, 4, 5]);
  });
});
