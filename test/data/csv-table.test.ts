import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Dataset } from '../../src/data/dataset.ts';
import { type DatasetModel, openDataset } from '../../src/data/open-dataset.ts';
import { toNumbers, toStrings } from '../../src/ir/tensor.ts';
import { failureOf } from './failure-of.ts';
import { port } from './port.ts';
import { temporaryFolders } from './temporary-folder.ts';

const folder = temporaryFolders();
const two: DatasetModel = { inputs: [port('x', 'float32[N,2]')] };

async function openCsv(text: string, model: DatasetModel, name = 'd.csv'): Promise<Dataset> {
  return await openDataset(join(folder({ [name]: text }), name), model);
}

async function contents(dataset: Dataset, input = 'x'): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const { feed, label } of dataset.samples()) {
    rows.push([
      ...toNumbers(feed.get(input)!),
      label?.kind === 'class' ? label.index : label?.kind === 'values' ? label.values : undefined,
    ]);
  }
  return rows;
}

describe('one input', () => {
  test.each<[string, string, object]>([
    ['features in order and a label', 'a,label,b\n1,5,2\n3,6,4\n', {}],
    ['semicolons and line ends of Windows', 'a;b;label\r\n1;2;5\r\n3;4;6\r\n', {}],
    ['tabs', 'a\tb\ty\n1\t2\t5\n3\t4\t6\n', {}],
    ['spaces, quotes, a byte order mark and empty lines', '\ufeffa, b, Target\n 1, "2", 5\n\n3, 4, 6\n', {}],
    ['chosen columns', 'id,b,a,class\n9,2,1,5\n9,4,3,6\n', { columns: ['a', 'b'] }],
    ['a label of another name', 'a,b,kind\n1,2,5\n3,4,6\n', { labels: 'kind' }],
    ['no header', '1,2,5\n3,4,6\n', { header: false, labels: '2' }],
    ['exponents and signs', 'a,b,label\n+1e0,.2e1,5\n3.,4,6\n', {}],
  ])('%s', async (_, text, options) => {
    expect(await contents(await openCsv(text, { ...two, options }))).toEqual([
      [1, 2, 5],
      [3, 4, 6],
    ]);
  });

  test('scale, mean and std per column', async () => {
    const options = { mean: [1, 2], std: [1, 2] };
    expect(await contents(await openCsv('a,b\n1,2\n3,4\n', { ...two, options }))).toEqual([
      [0, 0, undefined],
      [2, 1, undefined],
    ]);
  });

  test('pixels unfold into an image', async () => {
    const dataset = await openCsv('p0,p1,p2,p3\n1,2,3,4\n', { inputs: [port('x', 'float32[1,1,2,2]')] });
    expect((await dataset.sample(0)).feed.get('x')!.dims).toEqual([1, 1, 2, 2]);
  });

  test('labels of texts are classes in sorted order', async () => {
    const dataset = await openCsv('a,b,label\n1,2,dog\n3,4,cat\n', two);
    expect([dataset.classNames, await contents(dataset)]).toEqual([
      ['cat', 'dog'],
      [
        [1, 2, 1],
        [3, 4, 0],
      ],
    ]);
  });

  test('labels with a fraction are values', async () => {
    expect(await contents(await openCsv('a,b,y\n1,2,0.5\n3,4,1\n', two))).toEqual([
      [1, 2, [0.5]],
      [3, 4, [1]],
    ]);
  });

  test('.tsv', async () => {
    expect((await openCsv('a\tb\n1\t2\n', two, 'd.tsv')).origin).toBe('csv');
  });
});

describe('several inputs', () => {
  const inputs = [port('age', 'float32[N,1]'), port('job', 'string[N,1]'), port('rest', 'float32[N,2]')];

  test('columns by name, texts too, the others for the input that is left', async () => {
    const dataset = await openCsv('job,u,age,v,label\nclerk,1,30,2,0\n"a, b",3,40,4,1\n', { inputs });
    const { feed, label } = await dataset.sample(1);
    expect(toStrings(feed.get('job')!)).toEqual(['a, b']);
    expect([toNumbers(feed.get('age')!), toNumbers(feed.get('rest')!), label]).toEqual([
      [40],
      [3, 4],
      { kind: 'class', index: 1 },
    ]);
  });

  test('columns of other names', async () => {
    const options = { inputs: { age: { key: 'years' } } };
    const dataset = await openCsv('job,years,u,v\nclerk,30,1,2\n', { inputs, options });
    expect(toNumbers((await dataset.sample(0)).feed.get('age')!)).toEqual([30]);
  });

  test('columns that are missing are named', async () => {
    const failure = await failureOf(() => openCsv('u,v\n1,2\n', { inputs }));
    expect([failure.code, failure.message]).toEqual([
      'data-input-missing',
      'no columns for inputs age, job, rest; there are u, v',
    ]);
  });
});

describe('bad files', () => {
  test.each<[string, string, object, string, string]>([
    ['no rows', 'a,b\n', {}, 'data-empty', 'no rows'],
    ['nothing', '', {}, 'data-empty', 'no rows'],
    ['a short row', 'a,b\n1,2\n3\n', {}, 'data-csv', 'expect 2, got 1 on line 3'],
    ['an open quote', 'a,b\n1,"2\n', {}, 'data-csv', 'Quote'],
    ['text among numbers', 'a,b\n1,2\n3,four\n', {}, 'data-value', '"four" is no number'],
    ['no header', '1,2\n3,4\n', {}, 'data-csv', 'all numbers'],
    ['a column twice', 'a,a\n1,2\n', {}, 'data-csv', 'two columns are named "a"'],
    ['too many features', 'a,b,c\n1,2,3\n', {}, 'data-shape-mismatch', 'expects [N, 2]'],
    ['a column that is not there', 'a,b\n1,2\n', { columns: ['a', 'z'] }, 'data-csv', 'no column is named "z"'],
  ])('%s', async (_, text, options, code, message) => {
    const failure = await failureOf(() => openCsv(text, { ...two, options }));
    expect([failure.code, failure.message]).toEqual([code, expect.stringContaining(message)]);
  });

  test.each(['', 'NaN', '-inf'])('a cell %o is refused unless it may be', async (cell) => {
    const text = `a,b,label\n1,2,0\n3,${cell},1\n`;
    const failure = await failureOf(async () => (await openCsv(text, two)).sample(1));
    expect([failure.code, failure.message]).toEqual([
      'data-non-finite',
      expect.stringMatching(/^sample 1, input x, index \[0, 1\]/),
    ]);
    const lenient = await openCsv(text, { ...two, options: { allowNonFinite: true } });
    expect(toNumbers((await lenient.sample(1)).feed.get('x')!)[1]).toBe(
      cell === '-inf' ? Number.NEGATIVE_INFINITY : Number.NaN,
    );
  });
});
