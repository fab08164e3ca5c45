import { describe, expect, test } from 'vitest';
import { findLeakage } from '../../src/data/find-leakage.ts';
import { type SyntheticOptions, synthesizeDataset } from '../../src/data/synthesize-dataset.ts';
import { toNumbers, toStrings } from '../../src/ir/tensor.ts';
import type { Port } from '../../src/runtime/session.ts';
import { failureOf } from './failure-of.ts';
import { port } from './port.ts';

async function first(
  input: Port,
  options: Partial<SyntheticOptions> = {},
): Promise<{ dims: readonly number[]; values: number[] }> {
  const sample = await synthesizeDataset([input], { seed: 1, samples: 1, ...options }).sample(0);
  const tensor = sample.feed.get(input.name)!;
  return { dims: tensor.dims, values: toNumbers(tensor) };
}

test('says that it is made up, and has no labels', async () => {
  const dataset = synthesizeDataset([port('x', 'float32[N,4]')], { seed: 1, samples: 3 });
  expect([dataset.origin, dataset.size, (await dataset.sample(0)).label]).toEqual(['synthetic', 3, undefined]);
});

test('the seed determines everything; samples differ from each other', async () => {
  const make = (seed: number) => synthesizeDataset([port('x', 'float32[N,4]')], { seed, samples: 50 });
  expect((await findLeakage(make(1), make(1))).count).toBe(50);
  expect((await findLeakage(make(1), make(2))).count).toBe(0);
  expect(make(1).sha256).not.toBe(make(2).sha256);
  const prints = new Set<string>();
  for await (const sample of make(1).samples()) prints.add(sample.fingerprint());
  expect(prints.size).toBe(50);
});

describe('dimensions', () => {
  test.each<[string, Partial<SyntheticOptions>, number[]]>([
    ['float32[N,3,?,W]', {}, [1, 3, 64, 64]],
    ['int64[N,seq]', {}, [1, 16]],
    ['float32[N,seq,8]', {}, [1, 16, 8]],
    ['float32[N,samples]', {}, [1, 512]],
    ['float32[N,seq]', { sizes: { seq: 5 } }, [1, 5]],
    ['float32[4,seq]', { hints: { x: { dims: [4, 7] } } }, [4, 7]],
    ['float32[2,?,128]', {}, [2, 1, 128]],
    ['float32[]', {}, []],
  ])('%s with %o', async (type, options, dims) => {
    expect((await first(port('x', type), options)).dims).toEqual(dims);
  });

  test('a symbol has one size in a sample', async () => {
    const ports = [port('a', 'int64[N,T]'), port('b', 'float32[2,T,N]')];
    const { feed } = await synthesizeDataset(ports, { seed: 1, samples: 1 }).sample(0);
    expect([feed.get('a')!.dims, feed.get('b')!.dims]).toEqual([
      [1, 16],
      [2, 16, 1],
    ]);
  });
});

describe('values', () => {
  test('floats are standard normal', async () => {
    const { values } = await first(port('x', 'float32[100,100]'));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    // Standard errors of 10,000 samples: 0.01 and 0.014.
    expect([Math.abs(mean) < 0.05, Math.abs(variance - 1) < 0.07]).toEqual([true, true]);
  });

  test.each<[string, string, Partial<SyntheticOptions>, number, number]>([
    ['x', 'int64[40,40]', {}, 0, 7],
    ['x', 'uint8[40,40]', {}, 0, 255],
    ['x', 'int8[40,40]', {}, -128, 127],
    ['x', 'bool[40,40]', {}, 0, 1],
    ['attention_mask', 'int64[40]', {}, 1, 1],
    ['token_type_ids', 'int64[40]', {}, 0, 0],
    ['sr', 'int64[]', {}, 16_000, 16_000],
    ['x', 'int32[4000]', { hints: { x: { range: [3, 5] } } }, 3, 5],
    ['x', 'int64[]', { hints: { x: { value: 16000 } } }, 16000, 16000],
  ])('%s %s with %o', async (name, type, options, low, high) => {
    const { values } = await first(port(name, type), options);
    expect([Math.min(...values), Math.max(...values)]).toEqual([low, high]);
  });

  test('floats in a range or of another normal', async () => {
    const uniform = await first(port('x', 'float32[1000]'), { hints: { x: { range: [2, 4] } } });
    expect([Math.min(...uniform.values) >= 2, Math.max(...uniform.values) < 4]).toEqual([true, true]);
    const normal = await first(port('x', 'float32[1000]'), { hints: { x: { normal: [100, 1] } } });
    expect(Math.abs(normal.values.reduce((sum, value) => sum + value, 0) / 1000 - 100)).toBeLessThan(0.2);
  });

  test('texts', async () => {
    const { feed } = await synthesizeDataset([port('x', 'string[N,8]')], { seed: 1, samples: 1 }).sample(0);
    for (const text of toStrings(feed.get('x')!)) expect(text).toMatch(/^[a-h]{1,4}$/);
  });
});

test.each<[string, Port, Partial<SyntheticOptions>]>([
  ['no tensor', port('x', 'non-tensor'), {}],
  ['no samples', port('x', 'float32[N]'), { samples: 0 }],
  ['a hint for no input', port('x', 'float32[N]'), { hints: { y: {} } }],
  ["dimensions that are not the model's", port('x', 'float32[N,3]'), { hints: { x: { dims: [1, 4] } } }],
  ['values beyond the type', port('x', 'uint8[N]'), { hints: { x: { value: 256 } } }],
  ['more than memory', port('x', 'float32[N,T,U]'), { sizes: { T: 1e6, U: 1e6 } }],
])('%s is an error', async (_, input, options) => {
  expect((await failureOf(() => first(input, options))).code).toBe('data-synthetic');
});
