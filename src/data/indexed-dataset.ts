import { createHash } from 'node:crypto';
import type { Tensor } from '../ir/tensor.ts';
import { tensorBytes } from '../ir/tensor.ts';
import type { Dataset, Feed, Label, Sample } from './dataset.ts';

/** Everything of a dataset but the going through it. */
export type IndexedParts = Omit<Dataset, 'samples' | 'sample'> & {
  /** Makes sample `index`; called with valid indices only. */
  read(index: number): Promise<Sample> | Sample;
};

/** The dataset of the samples that `read` makes, one at a time and in order of their index. */
export function indexedDataset({ read, ...parts }: IndexedParts): Dataset {
  const sample = async (index: number): Promise<Sample> => {
    if (!Number.isInteger(index) || index < 0 || index >= parts.size) {
      throw new RangeError(`${parts.label} has samples 0 to ${parts.size - 1}, not ${index}`);
    }
    return await read(index);
  };
  return {
    ...parts,
    sample,
    async *samples() {
      for (let index = 0; index < parts.size; index++) yield await sample(index);
    },
  };
}

/** A sample over its inputs; the fingerprint is computed at most once. */
export function makeSample(feed: Feed, label?: Label): Sample {
  let known: string | undefined;
  const fingerprint = (): string => {
    known ??= fingerprintOf(feed);
    return known;
  };
  return label === undefined ? { feed, fingerprint } : { feed, label, fingerprint };
}

/** The dataset of samples that are held in memory; its hash is that of their fingerprints. */
export function memoryDataset(label: string, samples: readonly Sample[], classNames?: readonly string[]): Dataset {
  const hash = createHash('sha256');
  for (const sample of samples) hash.update(sample.fingerprint());
  return indexedDataset({
    label,
    origin: 'memory',
    size: samples.length,
    sha256: hash.digest('hex'),
    notes: [],
    ...(classNames === undefined ? {} : { classNames }),
    read: (index) => samples[index]!,
  });
}

function fingerprintOf(feed: Feed): string {
  const hash = createHash('sha256');
  for (const [name, tensor] of [...feed].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([name, tensor.dtype, tensor.dims]));
    for (const part of tensorParts(tensor)) hash.update(part);
  }
  return hash.digest('hex');
}

function* tensorParts(tensor: Tensor): Iterable<Uint8Array> {
  if (tensor.storage.kind !== 'strings') {
    yield tensorBytes(tensor);
    return;
  }
  for (const value of tensor.storage.values) {
    yield new Uint8Array(Uint32Array.of(value.byteLength).buffer);
    yield value;
  }
}
