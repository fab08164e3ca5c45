import type { Model } from '../../../src/ir/model.ts';
import { elementCount, type Tensor, tensorFromNumbers } from '../../../src/ir/tensor.ts';
import { seededRandom } from '../../../src/random/seeded-random.ts';

/** A tensor of numbers between -2 and 2, or of any bytes, for every input of a model with fixed shapes. */
export function randomFeed(model: Model, seed: number): ReadonlyMap<string, Tensor> {
  const random = seededRandom(seed);
  return new Map(
    model.graph.inputs.map(({ name, type }) => {
      if (type?.kind !== 'tensor') throw new TypeError(`input ${name} is no tensor`);
      const dims = (type.shape ?? []).map(Number);
      const values = Array.from({ length: elementCount(dims) }, () =>
        type.dtype === 'uint8' ? Math.floor(random.next() * 256) : random.next() * 4 - 2,
      );
      return [name, tensorFromNumbers(type.dtype, dims, values)];
    }),
  );
}
