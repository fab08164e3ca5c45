import { expect, it } from 'vitest';
import { checkSizes } from '../../../src/compile/check/check-sizes.ts';
import { parseModel } from '../../../src/ir/text/parse.ts';
import type { Port } from '../../../src/runtime/session.ts';

const MODEL = parseModel('<ir_version: 8, opset_import: ["" : 17]> g (float[N] x) => (float[N] y) { y = Relu(x) }');

function sizesOf(inputs: readonly Port[], usual: Readonly<Record<string, readonly number[]>> = {}) {
  return checkSizes(inputs, new Map(Object.entries(usual)), MODEL, 0);
}

const port = (name: string, ...dims: Port['dims']): Port => ({ name, dtype: 'float32', dims });

it('gives no sizes where nothing is open', () => {
  expect(sizesOf([port('x', 1, 3)])).toEqual({ checks: [], leftOut: 0 });
});

it('gives every size to the batch, which all first axes are', () => {
  const { checks } = sizesOf([port('x', 'N', 2), port('z', 'M', 3)]);
  expect(checks.map(({ label }) => label)).toEqual(['N=2, M=2', 'N=7, M=7', 'N=1, M=1', 'N=13, M=13']);
});

it('gives every size to every dimension, and others to others', async () => {
  const { checks } = sizesOf([port('x', 'N', 'S', undefined)], { x: [1, 16, 5] });
  expect(checks.map(({ label }) => label)).toEqual([
    'N=2, S=16, x[2]=5',
    'N=7, S=16, x[2]=5',
    'N=2, S=7, x[2]=1',
    'N=7, S=1, x[2]=13',
    'N=1, S=13, x[2]=2',
    'N=13, S=2, x[2]=7',
  ]);
  const feeds = await Promise.all(checks.map(async ({ dataset }) => (await dataset.sample(0)).feed.get('x')?.dims));
  expect(feeds).toEqual([
    [2, 16, 5],
    [7, 16, 5],
    [2, 7, 1],
    [7, 1, 13],
    [1, 13, 2],
    [13, 2, 7],
  ]);
});

it('leaves out what is too large', () => {
  const { checks, leftOut } = sizesOf([port('x', 'N', 2 ** 20)]);
  expect(checks.map(({ label }) => label)).toEqual(['N=2', 'N=1']);
  expect(leftOut).toBe(2);
});
