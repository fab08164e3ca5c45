import { describe, expect, it } from 'vitest';
import { sequenceSizes } from '../../src/data/sequence-sizes.ts';
import type { Port } from '../../src/runtime/session.ts';

const port = (name: string, dtype: Port['dtype'], ...dims: Port['dims']): Port => ({ name, dtype, dims });

describe('sequenceSizes', () => {
  it.each([
    {
      title: 'the steps of a mask that only it has, where a cache goes before',
      inputs: [
        port('input_ids', 'int64', 'N', 'S'),
        port('attention_mask', 'int64', 'N', 'T'),
        port('past.0.key', 'float32', 'N', 4, 'P', 8),
      ],
      sizes: { S: 16, P: 16, T: 32 },
    },
    {
      title: 'a sum that the file writes',
      inputs: [
        port('input_ids', 'int64', 'N', 1),
        port('attention_mask', 'int64', 'N', 'past + 1'),
        port('position_ids', 'int64', 'N', 1),
        port('past.0.key', 'float32', 'N', 4, 'past', 8),
      ],
      sizes: { past: 16, 'past + 1': 17 },
    },
    {
      title: 'a mask over a cache and a fixed number of tokens',
      inputs: [port('ids', 'int64', 1, 3), port('mask', 'int64', 1, 'T'), port('past', 'float32', 1, 4, 'P', 8)],
      sizes: { P: 16, T: 19 },
    },
  ])('sizes $title', ({ inputs, sizes }) => {
    expect(sequenceSizes(inputs)[0]).toEqual(sizes);
  });

  it('has one step of everything as a last resort', () => {
    expect(sequenceSizes([port('x', 'float32', 'N', 'S', 8)])).toEqual([{ S: 1 }, { N: 16, S: 16 }]);
  });

  it('takes the first axis for the rows of a table where only it is open', () => {
    expect(sequenceSizes([port('nodes', 'float32', 'V', 8), port('edges', 'int64', 2, 30)])).toEqual([{ V: 16 }]);
  });

  it('has nothing to try where nothing is open', () => {
    expect(sequenceSizes([port('x', 'float32', 1, 8)])).toEqual([]);
  });
});
