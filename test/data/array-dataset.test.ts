import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Sample } from '../../src/data/dataset.ts';
import { writeNpy } from '../../src/data/npy.ts';
import { writeNpz } from '../../src/data/npz.ts';
import { type DatasetModel, openDataset } from '../../src/data/open-dataset.ts';
import type { DataType } from '../../src/ir/dtype.ts';
import {
  elementCount,
  stringTensor,
  type Tensor,
  tensorFromNumbers,
  toNumbers,
  toStrings,
} from '../../src/ir/tensor.ts';
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

async function openNpz(tensors: Record<string, Tensor>, model: DatasetModel, beside?: object) {
  const files = {
    'd.npz': writeNpz(new Map(Object.entries(tensors))),
    ...(beside && { 'd.npz.json': JSON.stringify(beside) }),
  };
  return await openDataset(join(folder(files), 'd.npz'), model);
}

const numbers = (sample: Sample, input = 'x'): number[] => toNumbers(sample.feed.get(input)!);
const image = { inputs: [port('x', 'float32[N,2,2,1]')] };

describe('which array is which input', () => {
  test('by name, for several inputs', async () => {
    const dataset = await openNpz(
      { b: counting('float32', 2, 3), a: counting('int32', 2, 1) },
      { inputs: [port('a', 'int64[N,1]'), port('b', 'float32[N,3]')] },
    );
    const sample = await dataset.sample(1);
    expect([numbers(sample, 'a'), numbers(sample, 'b')]).toEqual([[1], [3, 4, 5]]);
    expect(sample.feed.get('a')!.dims).toEqual([1, 1]);
  });

  test.each(['x', 'X', 'inputs', 'images', 'data', 'arr_0', 'model_input'])('a single input under %s', async (key) => {
    const dataset = await openNpz(
      { [key]: counting('uint8', 3, 2, 2) },
      { inputs: [port('model_input', 'float32[1,1,2,2]')] },
    );
    expect([dataset.size, numbers(await dataset.sample(2), 'model_input')]).toEqual([3, [8, 9, 10, 11]]);
  });

  test('the only one whose rows fit', async () => {
    const dataset = await openNpz(
      { short: counting('float32', 2, 3), long: counting('float32', 2, 5) },
      { inputs: [port('q', 'float32[N,5]')] },
    );
    expect(numbers(await dataset.sample(0), 'q')).toEqual([0, 1, 2, 3, 4]);
  });

  test('columns by position, texts and numbers apart, with a note', async () => {
    const inputs = [port('age', 'float32[N,1]'), port('job', 'string[N,1]'), port('pay', 'float32[N,1]')];
    const dataset = await openNpz(
      { num: counting('float32', 2, 2), cat: stringTensor([2, 1], ['a', 'b']), enc: counting('float32', 2, 3) },
      { inputs },
    );
    const sample = await dataset.sample(1);
    expect([numbers(sample, 'age'), numbers(sample, 'pay')]).toEqual([[2], [3]]);
    expect(toStrings(sample.feed.get('job')!)).toEqual(['b']);
    expect(dataset.notes.map((note) => note.code)).toEqual(['data-columns-by-position']);
  });

  test('as the options say', async () => {
    const dataset = await openNpz(
      { x: counting('float32', 2, 2), z: counting('float32', 2, 3) },
      {
        inputs: [port('a', 'float32[N,1]'), port('b', 'float32[N,2]')],
        options: { inputs: { a: { key: 'z', column: 1 }, b: { key: 'x' } } },
      },
    );
    expect([numbers(await dataset.sample(1), 'a'), numbers(await dataset.sample(1), 'b')]).toEqual([[4], [2, 3]]);
  });

  test('one value for all samples', async () => {
    const dataset = await openNpz(
      { x: counting('float32', 2, 4), rate: tensorFromNumbers('int64', [], [16000]) },
      { inputs: [port('x', 'float32[N,T]'), port('rate', 'int64[]')] },
    );
    expect([dataset.size, numbers(await dataset.sample(1), 'rate')]).toEqual([2, [16000]]);
  });

  test.each<[string, Record<string, Tensor>, string, string]>([
    [
      'nothing that fits',
      { p: counting('float32', 2, 3), q: counting('float32', 2, 5) },
      'data-input-missing',
      'p float32[2, 3], q float32[2, 5]',
    ],
    [
      'several that fit',
      { p: counting('float32', 2, 2, 2), q: counting('float32', 2, 4) },
      'data-ambiguous',
      'p float32[2, 2, 2], q float32[2, 4]',
    ],
    [
      'another shape',
      { x: counting('float32', 2, 5) },
      'data-shape-mismatch',
      'expects [N, 2, 2, 1], array x [2, 5] has rows of [5]',
    ],
    ['text', { x: stringTensor([1, 4], ['a', 'b', 'c', 'd']) }, 'data-dtype', 'takes float32, array x holds string'],
    ['no rows', { x: counting('float32', 0, 2, 2) }, 'data-empty', 'x [0, 2, 2]'],
  ])('%s is an error', async (_, tensors, code, message) => {
    const failure = await failureOf(() => openNpz(tensors, image));
    expect([failure.code, failure.message]).toEqual([code, expect.stringContaining(message)]);
  });

  test.each<[string, object, string]>([
    ['a key that is not there', { inputs: { x: { key: 'nope' } } }, 'data-input-missing'],
    ['an input that is not there', { inputs: { y: { scale: 2 } } }, 'data-options'],
    ['labels that are not there', { labels: 'nope' }, 'data-labels'],
    ['a column that is not there', { column: 9 }, 'data-options'],
    ['an option that is not one', { scael: 2 }, 'data-options'],
    ['a divisor of 0', { std: 0 }, 'data-options'],
  ])('options with %s are an error', async (_, options, code) => {
    const failure = await failureOf(() => openNpz({ x: counting('float32', 2, 2, 2) }, { ...image, options }));
    expect(failure.code).toBe(code);
  });

  test('options for the one input are refused for several', async () => {
    const inputs = [port('a', 'float32[N,1]'), port('b', 'float32[N,1]')];
    const failure = await failureOf(() => openNpz({ a: ints(1), b: ints(1) }, { inputs, options: { scale: 2 } }));
    expect([failure.code, failure.message]).toEqual(['data-options', expect.stringContaining('scale is given')]);
  });
});

describe('rows and samples', () => {
  test('a fixed batch takes that many rows and leaves the rest out, with a note', async () => {
    const dataset = await openNpz(
      { x: counting('float32', 5, 3), y: ints(0, 1, 2, 3, 4) },
      { inputs: [port('x', 'float32[2,3]')] },
    );
    expect(dataset.size).toBe(2);
    expect(dataset.notes.map((note) => note.code)).toEqual(['data-rows-dropped']);
    const sample = await dataset.sample(1);
    expect(sample.feed.get('x')!.dims).toEqual([2, 3]);
    expect([numbers(sample), sample.label]).toEqual([[6, 7, 8, 9, 10, 11], { kind: 'classes', indices: [2, 3] }]);
  });

  test('windows', async () => {
    const open = (length: number, stride?: number) =>
      openNpz(
        { x: counting('float32', 6, 2) },
        { inputs: [port('x', 'float32[N,K]')], options: { window: stride ? { length, stride } : { length } } },
      );
    const failure = await failureOf(() => open(3));
    expect(failure.code).toBe('data-shape-mismatch');
    const flat = await openNpz(
      { x: counting('float32', 6, 2) },
      { inputs: [port('x', 'float32[N,6]')], options: { window: { length: 3 } } },
    );
    expect([flat.size, numbers(await flat.sample(3))]).toEqual([4, [6, 7, 8, 9, 10, 11]]);
    const ids = await openNpz(
      { x: counting('int64', 7) },
      { inputs: [port('x', 'int64[N,T]')], options: { window: { length: 3, stride: 3 } } },
    );
    expect([ids.size, numbers(await ids.sample(1))]).toEqual([2, [3, 4, 5]]);
  });

  test.each<[string, Record<string, Tensor>]>([
    ['inputs', { a: counting('float32', 3, 1), b: counting('float32', 2, 1) }],
    ['labels', { a: counting('float32', 3, 1), b: counting('float32', 3, 1), y: ints(1, 2) }],
  ])('%s of another length are an error', async (_, tensors) => {
    const inputs = [port('a', 'float32[N,1]'), port('b', 'float32[N,1]')];
    expect((await failureOf(() => openNpz(tensors, { inputs }))).code).toBe('data-rows-differ');
  });

  test('a symbol has one size', async () => {
    const inputs = [port('a', 'float32[N,T]'), port('b', 'float32[N,T]')];
    const failure = await failureOf(() =>
      openNpz({ a: counting('float32', 2, 3), b: counting('float32', 2, 4) }, { inputs }),
    );
    expect([failure.code, failure.message]).toEqual(['data-shape-mismatch', expect.stringContaining('3 and 4')]);
  });

  test('moved channels are noted', async () => {
    const dataset = await openNpz({ x: counting('uint8', 1, 2, 2, 3) }, { inputs: [port('x', 'float32[N,3,2,2]')] });
    expect(dataset.notes.map((note) => note.code)).toEqual(['data-layout-moved']);
    expect(numbers(await dataset.sample(0))).toEqual([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
  });

  test('images in arrays are resized where asked', async () => {
    const dataset = await openNpz(
      { x: counting('uint8', 2, 4, 4, 3) },
      { inputs: [port('x', 'float32[N,2,2,3]')], options: { resize: 'stretch' } },
    );
    expect((await dataset.sample(1)).feed.get('x')!.dims).toEqual([1, 2, 2, 3]);
  });

  test('samples are the same each time, and there are no others', async () => {
    const dataset = await openNpz({ x: counting('float32', 3, 2, 2) }, image);
    for (let round = 0; round < 2; round++) {
      const seen: number[] = [];
      for await (const sample of dataset.samples()) seen.push(numbers(sample)[0]!);
      expect(seen).toEqual([0, 4, 8]);
    }
    await expect(dataset.sample(3)).rejects.toThrow(RangeError);
  });
});

describe('options beside the data', () => {
  test('hold, and explicit ones win', async () => {
    const x = counting('float32', 1, 2, 2);
    const beside = { scale: 2, mean: 1, inputs: { x: { std: 2 } } };
    expect(numbers(await (await openNpz({ x }, image, beside)).sample(0))).toEqual([-0.5, 0.5, 1.5, 2.5]);
    const options = { mean: 0, inputs: { x: { std: 1 } } };
    expect(numbers(await (await openNpz({ x }, { ...image, options }, beside)).sample(0))).toEqual([0, 2, 4, 6]);
  });

  test('of a folder are in dataset.json', async () => {
    const path = folder({ 'x.npy': writeNpy(counting('uint8', 1, 2, 2)), 'dataset.json': '{"scale": 0.5}' });
    expect(numbers(await (await openDataset(path, image)).sample(0))).toEqual([0, 0.5, 1, 1.5]);
  });

  test.each(['{"scale": "big"}', '{"scale": 1', '[]', '{"labels": true}'])(
    '%s is an error that names the file',
    async (text) => {
      const path = folder({ 'x.npy': writeNpy(counting('uint8', 1, 2, 2)), 'dataset.json': text });
      const failure = await failureOf(() => openDataset(path, image));
      expect([failure.code, failure.at]).toEqual(['data-options', join(path, 'dataset.json')]);
    },
  );
});

describe('.npy files', () => {
  const x = writeNpy(counting('uint8', 2, 2, 2));
  const y = writeNpy(ints(4, 5));

  test.each([
    ['a folder of x and y', { 'x.npy': x, 'y.npy': y, 'SOURCE.txt': 'from here' }, ''],
    ['a file beside y', { 'pixels.npy': x, 'y.npy': y }, 'pixels.npy'],
    ['the y of the same part', { 'X_val.npy': x, 'y_val.npy': y, 'y.npy': writeNpy(ints(0, 0)) }, 'X_val.npy'],
    ['labels after the name', { 'val.npy': x, 'val_labels.npy': y, 'y.npy': writeNpy(ints(0, 0)) }, 'val.npy'],
    ['a folder with one part', { 'X_test.npy': x, 'y_test.npy': y }, ''],
    ['a folder where one fits', { 'a.npy': x, 'b.npy': writeNpy(counting('uint8', 2, 3)), 'y.npy': y }, ''],
  ])('%s', async (_, files, path) => {
    const dataset = await openDataset(join(folder(files), path), image);
    expect([dataset.origin, dataset.size]).toEqual(['npy', 2]);
    expect([numbers(await dataset.sample(1)), (await dataset.sample(1)).label]).toEqual([
      [4, 5, 6, 7],
      { kind: 'class', index: 5 },
    ]);
  });

  test('labels in a file that the options name, beside .npy and .npz', async () => {
    const npz = writeNpz(new Map([['x', counting('uint8', 2, 2, 2)]]));
    const path = folder({ 'x.npy': x, 'a.npz': npz, 'truth.npy': y, 'y.npy': writeNpy(ints(0, 0)) });
    for (const file of ['x.npy', 'a.npz']) {
      const dataset = await openDataset(join(path, file), { ...image, options: { labels: 'truth.npy' } });
      expect((await dataset.sample(1)).label).toEqual({ kind: 'class', index: 5 });
      const failure = await failureOf(() =>
        openDataset(join(path, file), { ...image, options: { labels: '../truth.npy' } }),
      );
      expect(failure.code).toBe('data-labels');
    }
  });

  test('NaN is refused when its sample is read, unless it may be there', async () => {
    const path = folder({
      'x.npy': writeNpy(tensorFromNumbers('float32', [2, 2, 2], [0, 1, 2, 3, 4, 5, Number.NaN, 7])),
    });
    const dataset = await openDataset(path, image);
    await dataset.sample(0);
    const failure = await failureOf(() => dataset.sample(1));
    expect([failure.code, failure.message]).toEqual([
      'data-non-finite',
      'sample 1, input x, index [0, 1, 0, 0] is NaN',
    ]);
    const lenient = await openDataset(path, { ...image, options: { allowNonFinite: true } });
    expect(numbers(await lenient.sample(1))).toEqual([4, 5, Number.NaN, 7]);
  });

  test('the hash follows the bytes', async () => {
    const hash = async (files: Record<string, Uint8Array>) => (await openDataset(folder(files), image)).sha256;
    expect(await hash({ 'x.npy': x, 'y.npy': y })).toBe(await hash({ 'x.npy': x, 'y.npy': y }));
    expect(await hash({ 'x.npy': x, 'y.npy': y })).not.toBe(await hash({ 'x.npy': x, 'y.npy': writeNpy(ints(4, 6)) }));
    expect(await hash({ 'x.npy': x })).toMatch(/^[0-9a-f]{64}$/);
  });

  test('a damaged one names its file', async () => {
    const path = folder({ 'x.npy': x.subarray(0, x.length - 1) });
    const failure = await failureOf(() => openDataset(path, image));
    expect([failure.code, failure.at]).toEqual(['data-npy-invalid', join(path, 'x.npy')]);
  });

  test('pickled objects are refused where they are wanted, and in the way of nothing else', async () => {
    const pickled = Buffer.from(x);
    pickled.write("'|O' ", pickled.indexOf("'|u1'"));
    expect((await failureOf(() => openDataset(folder({ 'x.npy': pickled }), image))).code).toBe('data-npy-object');
    expect((await openDataset(folder({ 'x.npy': x, 'meta.npy': pickled }), image)).size).toBe(2);
  });
});

describe('what is at the path', () => {
  test.each<[string, Record<string, string>, string, string]>([
    ['nothing', {}, 'missing', 'data-not-found'],
    ['an empty folder', {}, '', 'data-unrecognised'],
    ['a file of another kind', { 'a.parquet': '' }, 'a.parquet', 'data-unrecognised'],
    ['several datasets', { 'a.csv': '', 'b.jsonl': '' }, '', 'data-ambiguous'],
  ])('%s is an error', async (_, files, path, code) => {
    expect((await failureOf(() => openDataset(join(folder(files), path), image))).code).toBe(code);
  });
});
