import { afterAll, describe, expect, it } from 'vitest';
import { type Tensor, tensorFromNumbers, toNumbers } from '../../../src/ir/tensor.ts';
import { parseModel } from '../../../src/ir/text/parse.ts';
import { writeModel } from '../../../src/onnx/write-model.ts';
import { openTfjsSession } from '../../../src/runtime/tfjs.ts';
import { TfjsHost } from '../../../src/runtime/tfjs-host.ts';
import type { TfGraph, TfTensor } from '../../../src/targets/device/tflite/tf-graph.ts';
import { buildTfjsModel, type TfjsModel, type TfjsModelOptions } from '../../../src/targets/tfjs/build-tfjs-model.ts';
import { translateGraph } from '../../../src/targets/tfjs/translate-graph.ts';
import { writeGraphModel } from '../../../src/targets/tfjs/write-graph-model.ts';
import { relativeDifference, runOnce } from '../../passes/compare-runs.ts';
import { LOWERED_CASES } from '../device/lowered-cases.ts';
import { randomFeed } from '../device/random-feed.ts';

/** Relative to the largest magnitude. */
const TOLERANCE = 5e-5;
/** A tangent beside its pole magnifies the last bit of a cosine. */
const TOLERANCES: Readonly<Record<string, number>> = { Tan: 3e-4 };

const host = new TfjsHost();
afterAll(() => host.close());

function built(text: string, options?: TfjsModelOptions): TfjsModel & { kind: 'built' } {
  const model = buildTfjsModel(parseModel(text), options);
  if (model.kind === 'refused') throw new Error(model.refused.map((each) => each.message).join('; '));
  return model;
}

/** What only TensorFlow Lite does: going through long sequences in a loop, and convolving with computed weights. */
const REFUSED: readonly (readonly [title: RegExp, reason: RegExp])[] = [
  [/, \d{4} steps$/, /^TensorFlow.js has no form of WHILE/],
  [/^Conv with computed weights$/, /CONV_2D, .* is computed while the model runs$/],
];
const reasonOf = (name: string): RegExp | undefined => REFUSED.find(([title]) => title.test(name))?.[1];

it.each(LOWERED_CASES.filter(({ name }) => reasonOf(name)))('$name is refused with the reason', ({ name, text }) => {
  const model = buildTfjsModel(parseModel(text));
  expect(model).toMatchObject({ kind: 'refused' });
  expect(model.kind === 'refused' && model.refused[0]?.message).toMatch(reasonOf(name)!);
});

it('refuses control flow that is computed, with the reason', () => {
  const model = buildTfjsModel(
    parseModel(`<ir_version: 8, opset_import: ["" : 17]> g (bool c, float[2] x) => (float[2] y) {
      y = If (c) <then_branch = t () => (float[2] p) { p = Neg(x) }, else_branch = e () => (float[2] q) { q = Abs(x) }> }`),
  );
  expect(model).toMatchObject({
    kind: 'refused',
    refused: [{ code: 'tfjs-operator', message: expect.stringContaining(' IF,') }],
  });
});

describe('a TensorFlow.js model computes in wasm what its source does in ONNX Runtime', () => {
  it.each(LOWERED_CASES.filter(({ name }) => !reasonOf(name)))('$name', async ({ name: title, text }) => {
    const model = parseModel(text);
    const feed = randomFeed(model, 7);
    const expected = await runOnce(writeModel(model), feed);
    const session = await openTfjsSession(built(text).files, { host, backend: 'wasm' });
    const found = await session.run(feed);
    await session.close();
    expect(session.backend).toBe('wasm');
    expect([...found.keys()]).toEqual([...expected.keys()]);
    for (const [name, tensor] of expected) {
      expect(relativeDifference(tensor as Tensor, found.get(name) as Tensor), name).toBeLessThan(
        TOLERANCES[title] ?? TOLERANCE,
      );
    }
  });
});

describe('the files of a graph model', () => {
  const weights = (count: number): string =>
    Array.from({ length: count }, (_, i) => Math.sin(i * 12.9).toFixed(4)).join();
  const text = `<ir_version: 8, opset_import: ["" : 17]> g (float[2,40] x) => (float[2,50] y)
    <float[40,50] w = {${weights(2000)}}, float[50] b = {${weights(50)}}> { y = Gemm(x, w, b) }`;

  it.each([
    ['float32', 4, 1e-6],
    ['float16', 2, 1e-3],
    ['uint8', 1, 2e-2],
  ] as const)('keep weights as %s in %d bytes each, and biases as they are', async (format, bytes, tolerance) => {
    const { files, file } = built(text, { weights: format, stem: 'model.small' });
    expect(file).toBe('model.small.json');
    expect([...files.keys()]).toEqual(['model.small.json', 'model.small.shard1of1.bin']);
    expect(files.get('model.small.shard1of1.bin')).toHaveLength(2000 * bytes + 50 * 4);
    const model = parseModel(text);
    const feed = randomFeed(model, 3);
    const expected = (await runOnce(writeModel(model), feed)).get('y') as Tensor;
    const session = await openTfjsSession(files, { host });
    const difference = relativeDifference(expected, (await session.run(feed)).get('y') as Tensor);
    await session.close();
    expect(difference).toBeLessThan(tolerance);
    expect(difference).toBeGreaterThan(format === 'float32' ? -1 : tolerance / 1000);
  });

  it('keep numbers that are no weights exact in every format', () => {
    const grid = `<ir_version: 8, opset_import: ["" : 17]> g (float[2000] x) => (float[2000] y)
      <float[2000] grid = {${weights(2000)}}> { y = Add(x, grid) }`;
    expect(built(grid, { weights: 'uint8' }).files.get('model.shard1of1.bin')).toHaveLength(2000 * 4);
  });

  it('are cut into shards, and the same when made twice', async () => {
    const data = new Uint8Array(5 * 1024 * 1024);
    data.set([1, 2, 3]);
    const weight = { name: 'w', dtype: 'bool', shape: [data.length], data } as const;
    const port = { name: 'y', ref: 'w', dtype: 'DT_BOOL', shape: [data.length] } as const;
    const graph = { nodes: [], weights: [weight], inputs: [], outputs: [port] };
    const options = { weights: 'float32', stem: 'model', generatedBy: '' } as const;
    const files = writeGraphModel(graph, options);
    expect([...files.keys()]).toEqual(['model.json', 'model.shard1of2.bin', 'model.shard2of2.bin']);
    expect(Buffer.concat([...files.values()].slice(1)).equals(data)).toBe(true);
    expect([...built(text).files]).toEqual([...built(text).files]);
  });
});

describe('translation', () => {
  it('makes the padding and the activation part of a convolution', () => {
    const { operators } = built(`<ir_version: 8, opset_import: ["" : 17]> g (float[1,9,9,3] x) => (float[1,10,10,2] y)
      <float[2,3,3,3] w = {${new Array(54).fill(0.5).join()}}> {
        t = Transpose <perm = [0,3,1,2]>(x)  c = Conv <pads = [2,1,1,2]>(t, w)  r = Relu(c)
        y = Transpose <perm = [0,2,3,1]>(r)
      }`);
    expect(operators).toEqual({ Placeholder: 1, _FusedConv2D: 1 });
  });

  it('refuses constants that 32 bits cannot hold, with a reason', () => {
    const text = `<ir_version: 8, opset_import: ["" : 17]> g (int64[2] x) => (int64[2] y)
      <int64 big = {4294967296}> { y = Add(x, big) }`;
    const model = buildTfjsModel(parseModel(text));
    expect(model).toMatchObject({ kind: 'refused', refused: [{ code: 'tfjs-int64-range' }] });
  });

  it('passes on the reasons of the lowering', () => {
    const text = `<ir_version: 8, opset_import: ["" : 17]> g (float[2,2] x) => (float y) { y = Det(x) }`;
    expect(buildTfjsModel(parseModel(text))).toMatchObject({ kind: 'refused', refused: [{ code: 'device-operator' }] });
  });

  it('knows operators that only some lowerings write', async () => {
    const tensor = (name: string, shape: readonly number[]): TfTensor => ({
      name,
      type: 'float32',
      shape,
      data: undefined,
      quantization: undefined,
    });
    const list = (name: string, values: readonly number[]): TfTensor => ({
      ...tensor(name, [values.length]),
      type: 'int32',
      data: new Uint8Array(Int32Array.from(values).buffer),
    });
    const [x, reversed, value, filled, y] = [
      tensor('x', [2, 3]),
      tensor('r', [2, 3]),
      tensor('v', []),
      tensor('f', [2, 3]),
      tensor('y', [2, 3]),
    ];
    const half = { ...value, data: new Uint8Array(Float32Array.of(0.5).buffer) };
    const graph: TfGraph = {
      name: 'g',
      inputs: [{ name: 'x', tensor: x }],
      outputs: [{ name: 'y', tensor: y }],
      operators: [
        { name: 'REVERSE_V2', inputs: [x, list('axes', [1])], outputs: [reversed], options: {} },
        { name: 'FILL', inputs: [list('dims', [2, 3]), half], outputs: [filled], options: {} },
        { name: 'ADD', inputs: [reversed, filled], outputs: [y], options: {} },
      ],
    };
    const files = writeGraphModel(translateGraph(graph).graph!, { weights: 'float32', stem: 'm', generatedBy: '' });
    const session = await openTfjsSession(files, { host, backend: 'wasm' });
    const found = await session.run(new Map([['x', tensorFromNumbers('float32', [2, 3], [1, 2, 3, 4, 5, 6])]]));
    await session.close();
    expect(toNumbers(found.get('y') as Tensor)).toEqual([3.5, 2.5, 1.5, 6.5, 5.5, 4.5]);
  });

  it('refuses operators that the table does not have', () => {
    const x: TfTensor = { name: 'x', type: 'float32', shape: [2], data: undefined, quantization: undefined };
    const y = { ...x, name: 'y' };
    const graph: TfGraph = {
      name: 'g',
      inputs: [{ name: 'x', tensor: x }],
      outputs: [{ name: 'y', tensor: y }],
      operators: [{ name: 'L2_NORMALIZATION', inputs: [x], outputs: [y], options: {} }],
    };
    expect(translateGraph(graph)).toMatchObject({ graph: undefined, refused: [{ code: 'tfjs-operator', at: 'y' }] });
  });
});
