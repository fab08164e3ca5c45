import { fail } from '../diagnostics/modelpress-error.ts';
import { seededRandom } from '../random/seeded-random.ts';
import type { Dataset } from './dataset.ts';
import { derivedDataset } from './derived-dataset.ts';

/** The dataset of some samples of another, in the order given. Its hash is over the other's hash and the indices. */
export function subsetDataset(dataset: Dataset, indices: readonly number[]): Dataset {
  const whole = indices.length === dataset.size && indices.every((index, at) => index === at);
  if (whole) return dataset;
  return derivedDataset(dataset, indices, (index) => dataset.sample(index));
}

/**
 * At most `count` samples of a dataset, drawn without replacement and kept in their order; all where there are no more.
 */
export function takeSamples(dataset: Dataset, count: number, seed: number): Dataset {
  if (!Number.isInteger(count) || count < 1) {
    return fail({
      code: 'data-options',
      at: dataset.label,
      message: `${count} is no number of samples`,
      hint: 'Give a whole number from 1 on.',
    });
  }
  return subsetDataset(dataset, drawn(dataset.size, Math.min(count, dataset.size), seed));
}

/**
 * Splits a dataset into parts that share no index, drawn by the seed and each kept in order; what is left belongs to
 * none. Two equal samples of the data can still fall into different parts: `findLeakage` tells.
 *
 * @throws ModelpressError `data-options` when the parts ask for more samples than there are, or for none.
 */
export function splitDataset<Name extends string>(
  dataset: Dataset,
  sizes: Readonly<Record<Name, number>>,
  seed: number,
): Readonly<Record<Name, Dataset>> {
  const parts = Object.entries<number>(sizes);
  const total = parts.reduce((sum, [, size]) => sum + size, 0);
  if (total > dataset.size || parts.some(([, size]) => !Number.isInteger(size) || size < 1)) {
    fail({
      code: 'data-options',
      at: dataset.label,
      message: `parts of ${parts.map(([name, size]) => `${name} ${size}`).join(', ')} out of ${dataset.size} samples`,
      hint: 'Give each part a whole number from 1 on, together no more than the samples.',
    });
  }
  const order = shuffled(dataset.size, seed);
  let first = 0;
  const split = parts.map(([name, size]) => {
    first += size;
    return [name, subsetDataset(dataset, ascending(order.slice(first - size, first)))] as const;
  });
  return Object.fromEntries(split) as unknown as Readonly<Record<Name, Dataset>>;
}

function drawn(size: number, count: number, seed: number): readonly number[] {
  return ascending(shuffled(size, seed).slice(0, count));
}

function ascending(indices: Uint32Array): readonly number[] {
  return [...indices.sort()];
}

/** The numbers below `size` in an order that the seed determines (Fisher and Yates, as by Durstenfeld 1964). */
function shuffled(size: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length: size }, (_, index) => index);
  const random = seededRandom(seed);
  for (let last = size - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
