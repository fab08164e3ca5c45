import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Dataset } from '../../src/data/dataset.ts';
import { findLeakage } from '../../src/data/find-leakage.ts';
import { makeSample, memoryDataset } from '../../src/data/indexed-dataset.ts';
import { splitDataset, subsetDataset, takeSamples } from '../../src/data/subset-dataset.ts';
import { stringTensor, tensorFromNumbers, toNumbers } from '../../src/ir/tensor.ts';
import { failureOf } from './failure-of.ts';

/** A dataset of one number per sample. */
function dataset(...values: number[]): Dataset {
  const samples = values.map((value) => makeSample(new Map([['x', tensorFromNumbers('float32', [1, 1], [value])]])));
  return memoryDataset('numbers', samples);
}

async function values(data: Dataset): Promise<number[]> {
  const found: number[] = [];
  for await (const { feed } of data.samples()) found.push(...toNumbers(feed.get('x')!));
  return found;
}

const hundred = dataset(...Array.from({ length: 100 }, (_, i) => i));

describe('takeSamples', () => {
  test('draws without replacement, keeps the order, and does so again', async () => {
    const taken = await values(takeSamples(hundred, 30, 7));
    expect(new Set(taken).size).toBe(30);
    expect(taken).toEqual([...taken].sort((a, b) => a - b));
    expect(await values(takeSamples(hundred, 30, 7))).toEqual(taken);
    expect(await values(takeSamples(hundred, 30, 8))).not.toEqual(taken);
  });

  test('draws each sample about equally often', async () => {
    const counts = new Array<number>(10).fill(0);
    const ten = dataset(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    for (let seed = 0; seed < 600; seed++)
      for (const value of await values(takeSamples(ten, 3, seed))) counts[value]!++;
    // 180 expected, standard deviation 11.2: five of them either side.
    for (const count of counts) expect(Math.abs(count - 180)).toBeLessThan(57);
  });

  test('gives the dataset itself where there are no more', () => {
    expect(takeSamples(hundred, 1000, 1)).toBe(hundred);
  });

  test('has a hash of its own', () => {
    const hashes = [hundred, takeSamples(hundred, 30, 7), takeSamples(hundred, 30, 8)].map((data) => data.sha256);
    expect(new Set(hashes).size).toBe(3);
  });

  test.each([0, -1, 1.5])('%i samples are an error', async (count) => {
    expect((await failureOf(() => takeSamples(hundred, count, 1))).code).toBe('data-options');
  });
});

describe('splitDataset', () => {
  test('parts share no sample', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 50 }),
        fc.nat(),
        async (a, b, seed) => {
          const parts = splitDataset(hundred, { calibration: a, validation: b }, seed);
          const all = [...(await values(parts.calibration)), ...(await values(parts.validation))];
          expect([parts.calibration.size, parts.validation.size, new Set(all).size]).toEqual([a, b, a + b]);
        },
      ),
      { seed: 1, numRuns: 30 },
    );
  });

  test.each([
    { a: 60, b: 41 },
    { a: 0, b: 1 },
  ])('parts of %o are an error', async (sizes) => {
    expect((await failureOf(() => splitDataset(hundred, sizes, 1))).code).toBe('data-options');
  });
});

describe('findLeakage', () => {
  test('counts what both have, with places', async () => {
    expect(await findLeakage(dataset(1, 2, 3, 3), dataset(9, 3, 1, 3))).toEqual({
      count: 3,
      examples: [
        { first: 2, second: 1 },
        { first: 0, second: 2 },
        { first: 2, second: 3 },
      ],
    });
  });

  test('gives ten examples at most', async () => {
    const { count, examples } = await findLeakage(hundred, subsetDataset(hundred, [...Array(40).keys()]));
    expect([count, examples.length]).toEqual([40, 10]);
  });

  test('finds nothing in a split', async () => {
    const { a, b } = splitDataset(hundred, { a: 50, b: 50 }, 3);
    expect((await findLeakage(a, b)).count).toBe(0);
  });

  test('tells types, dimensions, names and texts apart', async () => {
    const tensors = [
      ['x', tensorFromNumbers('float32', [2], [0, 0])],
      ['x', tensorFromNumbers('float32', [1, 2], [0, 0])],
      ['x', tensorFromNumbers('int32', [2], [0, 0])],
      ['y', tensorFromNumbers('float32', [2], [0, 0])],
      ['x', stringTensor([2], ['ab', 'c'])],
      ['x', stringTensor([2], ['a', 'bc'])],
    ] as const;
    const prints = tensors.map(([name, tensor]) => makeSample(new Map([[name, tensor]])).fingerprint());
    expect(new Set(prints).size).toBe(tensors.length);
    expect(makeSample(new Map([tensors[4]])).fingerprint()).toBe(prints[4]);
  });
});
