import { afterAll, describe, expect, it } from 'vitest';
import { elements, int64Tensor, type Tensor, tensorFromNumbers, toNumbers } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { openTfjsSession } from '../../src/runtime/tfjs.ts';
import { TfjsHost } from '../../src/runtime/tfjs-host.ts';
import { buildTfjsModel } from '../../src/targets/tfjs/build-tfjs-model.ts';
import { type AttrValue, type NodeDef, shapeOf, textAttr } from '../../src/targets/tfjs/node-def.ts';
import { writeGraphModel } from '../../src/targets/tfjs/write-graph-model.ts';
import { failureOf } from '../data/failure-of.ts';

type Files = ReadonlyMap<string, Uint8Array>;

function filesOf(text: string): Files {
  const model = buildTfjsModel(parseModel(text));
  if (model.kind === 'refused') throw new Error(model.refused[0]?.message);
  return model.files;
}

/** A model whose one node reads its inputs, all of one shape. */
function oneNode(
  op: string,
  inputs: number,
  shape: readonly number[],
  attr: Readonly<Record<string, AttrValue>>,
): Files {
  const names = Array.from({ length: inputs }, (_, k) => `x${k}`);
  const port = (name: string) => ({ name, ref: name, dtype: 'DT_FLOAT', shape }) as const;
  const placeholder = { dtype: { type: 'DT_FLOAT' }, shape: { shape: shapeOf(shape) } } as const;
  const nodes: NodeDef[] = names.map((name) => ({ name, op: 'Placeholder', input: [], attr: placeholder }));
  nodes.push({ name: 'y', op, input: names, attr });
  const graph = { nodes, weights: [], inputs: names.map(port), outputs: [port('y')] };
  return writeGraphModel(graph, { weights: 'float32', stem: 'model', generatedBy: 'test' });
}

const NEGATION = `<ir_version: 8, opset_import: ["" : 17]> g (float[2,3] x) => (float[2,3] y) { y = Neg(x) }`;

const SIX = tensorFromNumbers('float32', [2, 3], [1, -2, 3, -4, 5, -6]);

describe('a TensorFlow.js session', () => {
  const host = new TfjsHost();
  afterAll(() => host.close());

  it('names its ports as the source does, runs and closes', async () => {
    const session = await openTfjsSession(filesOf(NEGATION.replaceAll(/\bx\b/g, '"in:0"')), { host });
    expect(session.inputs).toEqual([{ name: 'in:0', dtype: 'float32', dims: [2, 3] }]);
    expect(session.outputs).toEqual([{ name: 'y', dtype: 'float32', dims: [2, 3] }]);
    const feed = new Map([['in:0', SIX]]);
    expect(toNumbers((await session.run(feed)).get('y') as Tensor)).toEqual([-1, 2, -3, 4, -5, 6]);
    expect(await session.time(feed, 3)).toHaveLength(3);
    await session.close();
    expect((await failureOf(() => session.run(feed))).code).toBe('runtime-closed');
  });

  it('takes and gives integers in the types of the source, and refuses those that 32 bits cannot hold', async () => {
    const files = filesOf(`<ir_version: 8, opset_import: ["" : 17]>
      g (int64[3] x, uint8[3] u) => (int64[3] y, uint8[3] v, bool[3] b) <int64 c = {-2}, int32 w = {200}> {
        y = Mul(x, c)  i = Cast <to = 6>(u)  s = Add(i, w)  v = Cast <to = 2>(s)  b = Equal(y, x)
      }`);
    const session = await openTfjsSession(files, { host, backend: 'wasm' });
    const u = tensorFromNumbers('uint8', [3], [0, 100, 255]);
    const found = await session.run(
      new Map([
        ['x', int64Tensor([3, 0, -5])],
        ['u', u],
      ]),
    );
    expect([...elements(found.get('y') as Tensor)]).toEqual([-6n, 0n, 10n]);
    // As ONNX casts, a narrower integer keeps the low bits.
    expect([...elements(found.get('v') as Tensor)]).toEqual([200, 44, 199]);
    expect([...elements(found.get('b') as Tensor)]).toEqual([0, 1, 0]);
    const wide = new Map([
      ['x', int64Tensor([2n ** 31n, 0, 0])],
      ['u', u],
    ]);
    const failure = await failureOf(() => session.run(wide));
    expect(failure.code).toBe('runtime-run-failed');
    expect(failure.message).toContain('2147483648 does not fit');
    await session.close();
  });

  it('refuses a tensor of another type or size', async () => {
    const session = await openTfjsSession(filesOf(NEGATION), { host });
    for (const wrong of [
      tensorFromNumbers('int32', [2, 3], [1, 2, 3, 4, 5, 6]),
      tensorFromNumbers('float32', [3, 2], [1, 2, 3, 4, 5, 6]),
    ]) {
      expect((await failureOf(() => session.run(new Map([['x', wrong]])))).code).toBe('runtime-run-failed');
    }
    expect((await failureOf(() => session.run(new Map()))).code).toBe('runtime-run-failed');
    await session.close();
  });

  it('refuses files that are no graph model, or not all of one', async () => {
    const files = filesOf(NEGATION);
    const [json] = files.keys();
    for (const broken of [
      new Map(),
      new Map([['model.json', Buffer.from('{"format":"layers-model"}')]]),
      new Map([['model.json', Buffer.from('no JSON')]]),
      new Map([[json!, files.get(json!)!]]),
    ]) {
      expect((await failureOf(() => openTfjsSession(broken, { host }))).code).toBe('runtime-load-failed');
    }
    expect((await failureOf(() => openTfjsSession('/nowhere/model.json', { host }))).code).toBe('runtime-load-failed');
  });

  it('falls back to JavaScript where wasm lacks a kernel, and says so', async () => {
    const files = oneNode('Einsum', 2, [2, 2], { equation: textAttr('ij,jk->ik'), N: { i: '2' } });
    const session = await openTfjsSession(files, { host, backend: 'wasm' });
    expect(session.backend).toBe('wasm');
    const x = tensorFromNumbers('float32', [2, 2], [1, 2, 3, 4]);
    const feed = new Map([
      ['x0', x],
      ['x1', x],
    ]);
    expect(toNumbers((await session.run(feed)).get('y') as Tensor)).toEqual([7, 10, 15, 22]);
    expect(session.backend).toBe('cpu');
    await session.close();
    const other = await openTfjsSession(filesOf(NEGATION), { host, backend: 'wasm' });
    await other.run(new Map([['x', SIX]]));
    expect(other.backend).toBe('wasm');
    await other.close();
  });
});

describe('a host with a time limit', () => {
  it('ends a model that takes too long, and loads the next one', async () => {
    const host = new TfjsHost(2_000);
    const size = 4096;
    const x = tensorFromNumbers('float32', [size, size], new Float32Array(size * size));
    // 137 billion multiplications in JavaScript.
    const files = oneNode('MatMul', 2, [size, size], {});
    const failure = await failureOf(async () => {
      const session = await openTfjsSession(files, { host, backend: 'cpu' });
      await session.run(
        new Map([
          ['x0', x],
          ['x1', x],
        ]),
      );
    });
    expect(failure.code).toMatch(/^runtime-(load|run)-failed$/);
    expect(failure.message).toContain('longer than 2 s');
    const generation = host.generation;
    // On a busy machine this may take too long as well: what counts is that another thread tries.
    await openTfjsSession(filesOf(NEGATION), { host, backend: 'wasm' }).catch(() => undefined);
    expect(host.generation).toBe(generation + 1);
    await host.close();
  });
});
