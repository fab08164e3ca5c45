import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type DatasetModel, openDataset } from '../../src/data/open-dataset.ts';
import { type Tensor, tensorFromNumbers, toNumbers } from '../../src/ir/tensor.ts';
import { encodeTensor } from '../../src/onnx/tensor-file.ts';
import { failureOf } from './failure-of.ts';
import { port } from './port.ts';
import { temporaryFolders } from './temporary-folder.ts';

const folder = temporaryFolders();
const pair = (a: number, b: number): Tensor => tensorFromNumbers('float32', [1, 2], [a, b]);
const model: DatasetModel = {
  inputs: [port('a', 'float32[N,2]'), port('b', 'float32[N,2]')],
  outputs: [port('y', 'float32[N,2]'), port('maps', 'non-tensor')],
};

/** Files of one set, the tensors named as given. */
function set(first: [string, Tensor], second: [string, Tensor]): Record<string, Uint8Array> {
  return { 'input_0.pb': encodeTensor(first[1], first[0]), 'input_1.pb': encodeTensor(second[1], second[0]) };
}

const within = (name: string, files: Record<string, Uint8Array>) =>
  Object.fromEntries(Object.entries(files).map(([file, bytes]) => [`${name}/${file}`, bytes]));

async function inputs(files: Record<string, Uint8Array>, options: object = {}): Promise<number[][]> {
  const { feed } = await (await openDataset(folder(files), { ...model, options })).sample(0);
  return [toNumbers(feed.get('a')!), toNumbers(feed.get('b')!)];
}

test('inputs by name, else by number', async () => {
  expect(await inputs(set(['b', pair(1, 2)], ['a', pair(3, 4)]))).toEqual([
    [3, 4],
    [1, 2],
  ]);
  expect(await inputs(set(['', pair(1, 2)], ['', pair(3, 4)]))).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(await inputs(set(['b', pair(1, 2)], ['other', pair(3, 4)]))).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test('sets in the order of their numbers, with what is expected', async () => {
  const files = [10, 9, 0].flatMap((n) =>
    Object.entries(
      within(`test_data_set_${n}`, {
        ...set(['a', pair(n, 0)], ['b', pair(0, n)]),
        'output_0.pb': encodeTensor(pair(n, n), 'y'),
      }),
    ),
  );
  const dataset = await openDataset(folder({ ...Object.fromEntries(files), 'model.onnx': '' }), model);
  const found: number[] = [];
  for await (const { feed, label } of dataset.samples()) {
    found.push(toNumbers(feed.get('a')!)[0]!, label?.kind === 'outputs' ? toNumbers(label.outputs.get('y')!)[1]! : -1);
  }
  expect([dataset.origin, found]).toEqual(['onnx-test-data', [0, 0, 9, 9, 10, 10]]);
  expect(dataset.notes.map((note) => note.code)).toEqual(['data-outputs-unread']);
});

describe('what is refused', () => {
  const a: [string, Tensor] = ['a', pair(1, 2)];
  test.each<[string, Record<string, Uint8Array>, string]>([
    ['a missing input', { 'input_0.pb': encodeTensor(pair(1, 2), 'a') }, 'data-input-missing'],
    ['another type', set(a, ['b', tensorFromNumbers('int32', [1, 2], [1, 2])]), 'data-dtype'],
    ['another shape', set(a, ['b', tensorFromNumbers('float32', [1, 3], [1, 2, 3])]), 'data-shape-mismatch'],
    ['NaN', set(a, ['b', pair(Number.NaN, 1)]), 'data-non-finite'],
    [
      'a damaged file',
      { ...set(a, a), 'input_1.pb': encodeTensor(pair(1, 2), 'b').subarray(0, -1) },
      'onnx-tensor-file',
    ],
  ])('%s', async (_, files, code) => {
    expect((await failureOf(() => inputs(files))).code).toBe(code);
  });

  test('but NaN where it may be', async () => {
    expect(await inputs(set(a, ['b', pair(Number.NaN, 1)]), { allowNonFinite: true })).toEqual([
      [1, 2],
      [Number.NaN, 1],
    ]);
  });

  test('a model whose input is no tensor', async () => {
    const path = folder(set(a, a));
    const sequences = { inputs: [port('a', 'non-tensor')] };
    expect((await failureOf(() => openDataset(join(path, '.'), sequences))).code).toBe('data-dtype');
  });
});
