import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/open-dataset.ts';
import { bitsOf, type DataType, isFloat } from '../../src/ir/dtype.ts';
import { stringTensor, type Tensor, tensorBytes, tensorFromBytes, toNumbers, toStrings } from '../../src/ir/tensor.ts';
import { openOrtSession } from '../../src/runtime/onnxruntime-node.ts';
import { openOrtWebSession } from '../../src/runtime/onnxruntime-web.ts';
import type { Session } from '../../src/runtime/session.ts';
import { ATTENTION, CONVNET, TABULAR, VALIDATION } from '../cli/fixture-paths.ts';
import { denseModel, identityModel, TYPE_NUMBERS } from '../targets/server/tiny-models.ts';

const TYPES = Object.keys(TYPE_NUMBERS) as (keyof typeof TYPE_NUMBERS & DataType)[];

const open: Session[] = [];
const opened = async (session: Promise<Session>): Promise<Session> => {
  open.push(await session);
  return open.at(-1)!;
};
afterAll(async () => {
  for (const session of open) await session.close();
});

describe('a session of onnxruntime-web', () => {
  it.each([CONVNET, ATTENTION])('answers as onnxruntime-node does: %s', async (path) => {
    const web = await opened(openOrtWebSession(path));
    const node = await opened(openOrtSession(path));
    expect(web.runtime).toBe('onnxruntime-web');
    expect(web.inputs).toEqual(node.inputs);
    expect(web.outputs).toEqual(node.outputs);
    const dataset = await openDataset(VALIDATION, node);
    for (let i = 0; i < 3; i++) {
      const { feed } = await dataset.sample(i);
      const [[name, own]] = [...(await web.run(feed))] as [[string, Tensor]];
      const expected = (await node.run(feed)).get(name) as Tensor;
      expect(own.dims).toEqual(expected.dims);
      const [got, want] = [toNumbers(own), toNumbers(expected)];
      const scale = Math.max(...want.map(Math.abs));
      for (const [at, value] of want.entries()) expect(Math.abs(got[at]! - value)).toBeLessThanOrEqual(1e-5 * scale);
    }
  });

  it('carries tensors of every type both ways', async () => {
    const session = await opened(openOrtWebSession(identityModel(TYPES)));
    const feed = new Map<string, Tensor>();
    for (const type of TYPES) {
      if (type === 'string') feed.set('in_string', stringTensor([1, 2], ['one', 'zwei ü']));
      else {
        // Bit patterns that are neither NaN nor the same in another type.
        const bytes = Uint8Array.from({ length: (bitsOf(type) / 8) * 2 }, (_, i) =>
          type === 'bool' ? i % 2 : isFloat(type) ? 0x3c : 0x81 + i,
        );
        feed.set(`in_${type}`, tensorFromBytes(type, [1, 2], bytes));
      }
    }
    const outputs = (await session.run(feed)) as ReadonlyMap<string, Tensor>;
    for (const [name, given] of feed) {
      const got = outputs.get(name.replace('in_', 'out_'))!;
      expect(got.dtype).toBe(given.dtype);
      expect(got.dims).toEqual(given.dims);
      if (given.dtype === 'string') expect(toStrings(got)).toEqual(toStrings(given));
      else expect([...tensorBytes(got)]).toEqual([...tensorBytes(given)]);
    }
  });

  it('runs only the outputs that are wanted, and takes configuration entries', async () => {
    const session = await opened(
      openOrtWebSession(readFileSync(TABULAR), { optimization: 'basic', config: { 'session.disable_quant_qdq': '1' } }),
    );
    const feed = new Map(
      session.inputs.map(({ name, dims }) => [
        name,
        tensorFromBytes(
          'float32',
          dims.map((dim) => (typeof dim === 'number' ? dim : 1)),
          new Uint8Array(4 * dims.reduce<number>((count, dim) => count * (typeof dim === 'number' ? dim : 1), 1)),
        ),
      ]),
    );
    const [wanted] = session.outputs;
    expect([...(await session.run(feed, [wanted!.name])).keys()]).toEqual([wanted!.name]);
  });

  it.each([
    ['a file that is no model', () => openOrtWebSession(Buffer.from('no model')), 'runtime-load-failed'],
    [
      'a feed without its input',
      async () => (await opened(openOrtWebSession(denseModel(1)))).run(new Map()),
      'runtime-run-failed',
    ],
    [
      'a run after close',
      async () => {
        const session = await openOrtWebSession(denseModel(1));
        await session.close();
        return session.run(new Map());
      },
      'runtime-closed',
    ],
  ])('refuses %s', async (_, attempt, code) => {
    await expect(attempt()).rejects.toMatchObject({ code });
  });
});
