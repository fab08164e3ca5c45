import { describe, expect, it } from 'vitest';
import { largePerceptron } from '../../bench/large-model/large-perceptron.ts';
import { bytesSource } from '../../src/bytes/byte-source.ts';
import { synthesizeDataset } from '../../src/data/synthesize-dataset.ts';
import { openModelFile } from '../../src/files/open-model-file.ts';
import type { Model } from '../../src/ir/model.ts';
import { type Tensor, tensorBytes, tensorFromNumbers, toNumbers } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import { openOrtSession } from '../../src/runtime/onnxruntime-node.ts';
import { openPartSession } from '../../src/runtime/open-part-session.ts';
import { buildParts } from '../../src/runtime/parts/build-part.ts';
import { cutModel } from '../../src/runtime/parts/cut-model.ts';
import { rememberAnswers } from '../../src/runtime/remember-answers.ts';
import { countingSource, type ReadCounts } from '../bytes/counting-source.ts';
import { ATTENTION, CONVNET, TABULAR } from '../cli/fixture-paths.ts';

const DISABLED = { optimization: 'disabled' } as const;

/** Names of the operators of each part. */
const operatorsOf = (model: Model, partBytes: number) =>
  buildParts(model, cutModel(model, partBytes)).map((part) => [...part.model.graph.nodes()].map((node) => node.op));

/** Runs a model as a whole and part by part, on the same made-up inputs, and expects the same answers. */
async function expectSame(model: Model, partBytes: number): Promise<void> {
  const whole = await openOrtSession(writeModel(model), DISABLED);
  const parts = openPartSession(model, { ...DISABLED, partBytes });
  expect(parts.inputs.map(({ name, dtype }) => [name, dtype])).toEqual(
    whole.inputs.map(({ name, dtype }) => [name, dtype]),
  );
  expect(parts.outputs.map(({ name, dtype }) => [name, dtype])).toEqual(
    whole.outputs.map(({ name, dtype }) => [name, dtype]),
  );
  const { feed } = await synthesizeDataset(whole.inputs, { seed: 1, samples: 1 }).sample(0);
  const expected = await whole.run(feed);
  const answers = await parts.run(feed);
  expect([...answers.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [name, value] of expected) {
    expect(toNumbers(answers.get(name) as Tensor), name).toEqual(toNumbers(value as Tensor));
  }
  await whole.close();
  await parts.close();
}

describe('a session that runs a model part by part', () => {
  it.each([CONVNET, ATTENTION, TABULAR])('answers as the whole does: %s', async (path) => {
    const model = await openModelFile(path);
    expect(operatorsOf(model, 1).length).toBeGreaterThan(2);
    await expectSame(model, 1);
    await expectSame(model, 20_000);
  });

  it('cuts before a node whose weights no longer fit, and gives a large one a part of its own', () => {
    const model = parseModel(`<ir_version: 8, opset_import: ["": 17]>
      g (float[4] x) => (float[4] y) <float[4] a = {1,2,3,4}, float[4] b = {5,6,7,8}, float[4] c = {1,1,1,2}> {
        d = Add(x, a) e = Add(d, a) f = Mul(e, b) h = Neg(f) y = Sub(h, c) }`);
    expect(operatorsOf(model, 100)).toEqual([['Add', 'Add', 'Mul', 'Neg', 'Sub']]);
    expect(operatorsOf(model, 32)).toEqual([['Add', 'Add', 'Mul', 'Neg'], ['Sub']]);
    expect(operatorsOf(model, 4)).toEqual([['Add', 'Add'], ['Mul', 'Neg'], ['Sub']]);
  });

  it('brings what is made of constants to where it is read', () => {
    const model = parseModel(`<ir_version: 8, opset_import: ["": 17]>
      g (float[1,2] x) => (float[1,2] y)
      <int8[2,2] a = {1,2,3,4}, int8[2,2] b = {5,6,7,8}, float s = {0.5}, float t = {0.25}> {
        da = DequantizeLinear(a, s) db = DequantizeLinear(b, t) m = MatMul(x, da) y = MatMul(m, db) }`);
    expect(operatorsOf(model, 8)).toEqual([
      ['DequantizeLinear', 'MatMul'],
      ['DequantizeLinear', 'MatMul'],
    ]);
  });

  it('cuts around branches that read what was computed before, and around what is no tensor', async () => {
    const model = parseModel(`<ir_version: 8, opset_import: ["": 17]>
      g (float[2] x) => (float[2] y, float[2] z, float[2] x2)
      <float[2] a = {1, 2}, float[2] b = {3, 4}, float[2] c = {5, 6}, float zero = {0}, int64 one = {1}> {
        d = Add(x, a)
        sum = ReduceSum <keepdims = 0> (d)
        q = Greater(sum, zero)
        e = Mul(x, b)
        y = If (q) < then_branch = t () => (float[2] u) <float[2] k = {7, 8}> { v = Add(d, k) u = Mul(v, e) },
                     else_branch = f () => (float[2] w) { w = Identity(c) } >
        list = SequenceConstruct(d, y)
        g1 = Add(y, c)
        z0 = SequenceAt(list, one)
        z = Add(z0, g1)
        x2 = Identity(x)
      }`);
    const parts = operatorsOf(model, 1);
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.find((ops) => ops.includes('SequenceConstruct'))).toContain('SequenceAt');
    await expectSame(model, 1);
  });

  it('gives outputs that no node computes, and only what is wanted', async () => {
    const model = parseModel(`<ir_version: 8, opset_import: ["": 17]>
      g (float[2] x) => (float[2] y, float[2] x, float[2] a) <float[2] a = {1, 2}, float[2] b = {3, 4}> {
        d = Add(x, a) y = Mul(d, b) }`);
    const session = openPartSession(model, { partBytes: 1 });
    const feed = new Map([['x', tensorFromNumbers('float32', [2], [1, 1])]]);
    const all = await session.run(feed);
    expect(Object.fromEntries([...all].map(([name, value]) => [name, toNumbers(value as Tensor)]))).toEqual({
      y: [6, 12],
      x: [1, 1],
      a: [1, 2],
    });
    expect([...(await session.run(feed, ['a'])).keys()]).toEqual(['a']);
    await session.close();
    await expect(session.run(feed)).rejects.toMatchObject({ code: 'runtime-closed' });
  });

  it('reads every weight once in a run, in pieces, and none to be opened but a sample of each', async () => {
    const width = 512;
    const layers = 6;
    const model = largePerceptron({ layers, width, seed: 1 });
    const weights = counted(model);
    const bytes = width * width * 4;
    const session = openPartSession(model, { ...DISABLED, partBytes: bytes });
    for (const { bytes: read } of weights) expect(read).toBeLessThanOrEqual(2 ** 16);
    const opened = weights.map(({ bytes: read }) => read);
    await session.run(new Map([['features', tensorFromNumbers('float32', [1, width], new Float64Array(width))]]));
    expect(weights.map(({ bytes: read }, i) => read - opened[i]!)).toEqual(weights.map(() => bytes));
    await session.close();
  });

  it('keeps its last answers where asked to', async () => {
    const model = largePerceptron({ layers: 2, width: 64, seed: 1 });
    const [first] = counted(model);
    const session = rememberAnswers(openPartSession(model), 1);
    const feed = (value: number) =>
      new Map([['features', tensorFromNumbers('float32', [1, 64], Array(64).fill(value))]]);
    const reads = async (value: number): Promise<boolean> => {
      const before = first!.reads;
      await session.run(feed(value));
      return first!.reads > before;
    };
    expect([await reads(1), await reads(1), await reads(2), await reads(2), await reads(1)]).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
    await session.close();
  });
});

/** Puts the weights of a model behind sources that count what is read of them. */
function counted(model: Model): ReadCounts[] {
  return [...model.graph.constants()].map((value) => {
    const { source, counts } = countingSource(bytesSource(value.name, tensorBytes(value.constant!)));
    const storage = { kind: 'slice', source, offset: 0, length: source.size } as const;
    const replacement = model.graph.addConstant({ ...value.constant!, storage }, value.name);
    model.graph.replaceAllUses(value, replacement);
    model.graph.eraseValue(value);
    return counts;
  });
}
