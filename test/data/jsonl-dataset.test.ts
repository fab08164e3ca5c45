import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Dataset } from '../../src/data/dataset.ts';
import { type DatasetModel, openDataset } from '../../src/data/open-dataset.ts';
import { toNumbers, toStrings } from '../../src/ir/tensor.ts';
import { failureOf } from './failure-of.ts';
import { port } from './port.ts';
import { temporaryFolders } from './temporary-folder.ts';

const folder = temporaryFolders();
const one: DatasetModel = { inputs: [port('ids', 'int64[N,T]')] };

async function openLines(lines: readonly (string | object)[], model: DatasetModel): Promise<Dataset> {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  return await openDataset(join(folder({ 'd.jsonl': text }), 'd.jsonl'), model);
}

describe('lines', () => {
  test.each<[string, object]>([
    ['by name', { ids: [4, 5, 6], label: 1 }],
    ['under inputs', { inputs: { ids: [4, 5, 6] }, label: 1 }],
    ['as inputs', { inputs: [4, 5, 6], label: 1 }],
    ['as x', { x: [4, 5, 6], y: 1 }],
    ['with the batch axis', { ids: [[4, 5, 6]], target: 1 }],
  ])('%s', async (_, line) => {
    const dataset = await openLines([{ ids: [1], label: 0 }, '', line], one);
    const { feed, label } = await dataset.sample(1);
    expect([dataset.size, feed.get('ids')!.dims, toNumbers(feed.get('ids')!)]).toEqual([2, [1, 3], [4, 5, 6]]);
    expect(label).toEqual({ kind: 'class', index: 1 });
  });

  test('several inputs of numbers, texts and truth values', async () => {
    const inputs = [port('a', 'float32[N,2]'), port('b', 'string[N,1]'), port('c', 'bool[N]')];
    const { feed } = await (await openLines([{ a: [1, 2.5], b: 'ä', c: true }], { inputs })).sample(0);
    expect(toNumbers(feed.get('a')!)).toEqual([1, 2.5]);
    expect(toStrings(feed.get('b')!)).toEqual(['ä']);
    expect([feed.get('c')!.dims, toNumbers(feed.get('c')!)]).toEqual([[1], [1]]);
  });

  test('a batch of its own', async () => {
    const { feed } = await (
      await openLines(
        [
          {
            ids: [
              [1, 2],
              [3, 4],
              [5, 6],
            ],
          },
        ],
        one,
      )
    ).sample(0);
    expect(feed.get('ids')!.dims).toEqual([3, 2]);
  });

  test('a batch that the model fixes', async () => {
    const model = { inputs: [port('x', 'float32[2,2]')] };
    expect(
      (
        await (
          await openLines(
            [
              {
                x: [
                  [1, 2],
                  [3, 4],
                ],
              },
            ],
            model,
          )
        ).sample(0)
      ).feed.get('x')!.dims,
    ).toEqual([2, 2]);
    const failure = await failureOf(async () => (await openLines([{ x: [1, 2] }], model)).sample(0));
    expect([failure.code, failure.message]).toEqual(['data-shape-mismatch', expect.stringContaining('expects [2, 2]')]);
  });

  test('options of an input', async () => {
    const model = { inputs: [port('x', 'float32[N,2]')], options: { scale: 2, mean: [1, 2] } };
    expect(toNumbers((await (await openLines([{ x: [1, 2] }], model)).sample(0)).feed.get('x')!)).toEqual([1, 2]);
  });

  test('expected outputs', async () => {
    const outputs = [port('p', 'float32[N,2]')];
    const { label } = await (await openLines([{ ids: [1], outputs: { p: [0.5, 0.25] } }], { ...one, outputs })).sample(
      0,
    );
    expect(label?.kind === 'outputs' && toNumbers(label.outputs.get('p')!)).toEqual([0.5, 0.25]);
  });

  test('lines longer than what is read at a time', async () => {
    const ids = Array.from({ length: 50_000 }, (_, i) => i);
    const dataset = await openLines(
      [
        { ids, label: 0 },
        { ids: [7], label: 1 },
        { ids, label: 2 },
      ],
      one,
    );
    expect([dataset.size, toNumbers((await dataset.sample(1)).feed.get('ids')!)]).toEqual([3, [7]]);
    expect((await dataset.sample(2)).feed.get('ids')!.dims).toEqual([1, 50_000]);
  });
});

describe('labels', () => {
  test('texts are classes', async () => {
    const dataset = await openLines(
      [
        { ids: [1], label: 'no' },
        { ids: [1], label: 'ja' },
      ],
      one,
    );
    expect([dataset.classNames, (await dataset.sample(0)).label]).toEqual([['ja', 'no'], { kind: 'class', index: 1 }]);
  });

  test('lists are values', async () => {
    const dataset = await openLines([{ ids: [1], label: [0.5, 2] }], one);
    expect((await dataset.sample(0)).label).toEqual({ kind: 'values', values: [0.5, 2] });
  });

  test('on some lines only are left out, with a note', async () => {
    const dataset = await openLines([{ ids: [1], label: 1 }, { ids: [1] }], one);
    expect([dataset.notes.map((note) => note.code), (await dataset.sample(0)).label]).toEqual([
      ['data-labels-partial'],
      undefined,
    ]);
  });
});

describe('bad lines', () => {
  test.each<[string, string | object, string, string]>([
    ['no JSON', '{"ids": [1,', 'data-jsonl', 'not readable as JSON'],
    ['an array', '[1, 2]', 'data-jsonl', 'found an array'],
    ['another input', { other: [1] }, 'data-input-missing', 'nothing there for input ids; found other'],
    ['a ragged array', { ids: [[1, 2], [3]] }, 'data-value', 'ids[1] has 1 elements where its neighbours have 2'],
    ['uneven depth', { ids: [1, [2]] }, 'data-value', 'ids[1] has 1 elements'],
    ['an object', { ids: [{}] }, 'data-value', 'ids[0] is object'],
    ['texts and numbers', { ids: [1, 'a'] }, 'data-value', 'mixes texts and numbers'],
    ['a fraction', { ids: [1.5] }, 'data-lossy', '1.5 (float64) does not fit int64'],
    ['an integer that JSON cannot give', '{"ids": [9007199254740993]}', 'data-lossy', 'ids[0]'],
    ['null', { ids: [1, null] }, 'data-non-finite', 'ids[1] is null'],
    ['NaN', '{"ids": [1, NaN]}', 'data-non-finite', 'holds NaN'],
    ['minus infinity', '{"ids": [-Infinity, 1]}', 'data-non-finite', 'holds -Infinity'],
    [
      'three axes',
      {
        ids: [
          [[1], [2]],
          [[3], [4]],
        ],
      },
      'data-shape-mismatch',
      'expects',
    ],
    ['endless brackets', `{"ids": ${'['.repeat(100)}${']'.repeat(100)}}`, 'data-value', 'nested more than'],
  ])('%s', async (_, line, code, message) => {
    const failure = await failureOf(async () => (await openLines([{ ids: [1] }, line], one)).sample(1));
    expect([failure.code, failure.message]).toEqual([code, expect.stringContaining(message)]);
    expect(failure.at).toMatch(/d\.jsonl:2$/);
  });

  test('an empty file', async () => {
    expect((await failureOf(() => openLines([], one))).code).toBe('data-empty');
  });

  test('labels that do not belong together', async () => {
    const lines = [
      { ids: [1], label: [1, 2] },
      { ids: [1], label: [1] },
    ];
    expect((await failureOf(() => openLines(lines, one))).code).toBe('data-value');
  });

  test('a symbol of two sizes', async () => {
    const inputs = [port('a', 'float32[N,T]'), port('b', 'float32[N,T]')];
    const failure = await failureOf(async () => (await openLines([{ a: [1, 2], b: [1] }], { inputs })).sample(0));
    expect(failure.code).toBe('data-shape-mismatch');
  });
});
