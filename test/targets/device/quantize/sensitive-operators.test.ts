import { describe, expect, it } from 'vitest';
import { blockNoise, noisiestOperators } from '../../../../src/targets/device/quantize/sensitive-operators.ts';
import type { TfOperator } from '../../../../src/targets/device/tflite/tf-graph.ts';

function operators(count: number): readonly TfOperator[] {
  return Array.from({ length: count }, () => ({ name: 'ADD', inputs: [], outputs: [], options: {} }) as const);
}

describe('noisiestOperators', () => {
  const [a, b, c] = operators(3) as [TfOperator, TfOperator, TfOperator];
  const blocks = [
    { operators: [a], noise: 0.01 },
    { operators: [b], noise: 0.002 },
    { operators: [c], noise: 0.003 },
  ];

  it.each([
    ['all within', 0.1, []],
    ['the noisiest alone', 0.006, [a]],
    ['what the rest adds up to', 0.004, [a, c]],
    ['everything', 0.001, [a, b, c]],
  ] as const)('keeps %s', (_, allowed, kept) => {
    expect(noisiestOperators(blocks, allowed)).toEqual(new Set(kept));
  });

  it('keeps what does not run, and what gives no number', () => {
    for (const noise of [Number.POSITIVE_INFINITY, Number.NaN]) {
      const broken = [...blocks.slice(1), { operators: [a], noise }];
      expect(noisiestOperators(broken, 0.1)).toEqual(new Set([a]));
    }
  });
});

describe('blockNoise', () => {
  it('tries every operator, alone where there are few, in runs where there are many', async () => {
    for (const [count, blocks] of [
      [3, 3],
      [200, 40],
      [0, 0],
    ] as const) {
      const all = operators(count);
      const seen = new Set<TfOperator>();
      const found = await blockNoise(all, async (alone) => {
        for (const operator of alone) seen.add(operator);
        return alone.size;
      });
      expect(seen.size).toBe(count);
      expect(found).toHaveLength(blocks);
      expect(found.every(({ operators: block, noise }) => block.length === noise)).toBe(true);
    }
  });
});
