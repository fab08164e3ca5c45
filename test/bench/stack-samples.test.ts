import { describe, expect, it } from 'vitest';
import { stackSamples } from '../../bench/zoo-quantization/stack-samples.ts';
import type { Dataset, Label, Sample } from '../../src/data/dataset.ts';
import { stringTensor, type Tensor, tensorFromNumbers, toNumbers, toStrings } from '../../src/ir/tensor.ts';

function datasetOf(
  samples: readonly { readonly feed: Readonly<Record<string, Tensor>>; readonly label?: Label }[],
): Dataset {
  const made = samples.map(({ feed, label }): Sample => {
    const sample = { feed: new Map(Object.entries(feed)), fingerprint: () => '' };
    return label === undefined ? sample : { ...sample, label };
  });
  return {
    label: 'test',
    origin: 'memory',
    size: made.length,
    sha256: '',
    notes: [],
    sample: async (index) => made[index]!,
    async *samples() {
      yield* made;
    },
  };
}

const row = (...values: number[]): Tensor => tensorFromNumbers('float32', [1, values.length], values);

describe('stackSamples', () => {
  it('lays samples one after the other, with their classes', async () => {
    const stacked = await stackSamples(
      datasetOf([
        { feed: { x: row(1, 2), id: stringTensor([1], ['a']) }, label: { kind: 'class', index: 4 } },
        { feed: { x: row(3, 4), id: stringTensor([1], ['b']) }, label: { kind: 'class', index: 7 } },
      ]),
      true,
    );
    expect([...stacked.keys()]).toEqual(['x', 'id', 'labels']);
    expect(stacked.get('x')).toMatchObject({ dtype: 'float32', dims: [2, 2] });
    expect(toNumbers(stacked.get('x')!)).toEqual([1, 2, 3, 4]);
    expect(toStrings(stacked.get('id')!)).toEqual(['a', 'b']);
    expect(toNumbers(stacked.get('labels')!)).toEqual([4, 7]);
  });

  it('holds numbers as labels, a row for each sample', async () => {
    const stacked = await stackSamples(
      datasetOf([
        { feed: { x: row(1) }, label: { kind: 'values', values: [0.5, 1] } },
        { feed: { x: row(2) }, label: { kind: 'values', values: [2, 3] } },
      ]),
      true,
    );
    expect(stacked.get('labels')).toMatchObject({ dims: [2, 2] });
  });

  it('leaves labels out where they are not wanted', async () => {
    const stacked = await stackSamples(datasetOf([{ feed: { x: row(1) }, label: { kind: 'class', index: 0 } }]), false);
    expect([...stacked.keys()]).toEqual(['x']);
  });

  it('refuses samples of several shapes', async () => {
    await expect(stackSamples(datasetOf([{ feed: { x: row(1) } }, { feed: { x: row(1, 2) } }]), false)).rejects.toThrow(
      'samples of [1,1] and of [1,2]',
    );
  });
});
