import { afterAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../../../src/ir/tensor.ts';
import { parseModel } from '../../../src/ir/text/parse.ts';
import { writeModel } from '../../../src/onnx/write-model.ts';
import { openLiteRtSession } from '../../../src/runtime/litert.ts';
import { LiteRtHost } from '../../../src/runtime/litert-host.ts';
import { coverageOfDevice } from '../../../src/targets/device/coverage-of-device.ts';
import { type Lowering, lowerToTflite } from '../../../src/targets/device/lower-to-tflite.ts';
import { relativeDifference, runOnce } from '../../passes/compare-runs.ts';
import { LOWERED_CASES } from './lowered-cases.ts';
import { randomFeed } from './random-feed.ts';

/** Relative to the largest magnitude; a tangent beside its pole magnifies the last bit of its argument. */
const TOLERANCE = 5e-5;

const host = new LiteRtHost();
afterAll(() => host.close());

function lowered(text: string): Lowering & { kind: 'lowered' } {
  const lowering = lowerToTflite(parseModel(text));
  if (lowering.kind === 'refused') throw new Error(lowering.report.refused.map((each) => each.message).join('; '));
  return lowering;
}

describe('a lowered model computes in LiteRT what the model does in ONNX Runtime', () => {
  it.each(LOWERED_CASES)('$name', async ({ text }) => {
    const model = parseModel(text);
    const feed = randomFeed(model, 7);
    const expected = await runOnce(writeModel(model), feed);
    const session = await openLiteRtSession(lowered(text).bytes, { host });
    const found = await session.run(feed);
    await session.close();
    expect([...found.keys()]).toEqual([...expected.keys()]);
    for (const [name, tensor] of expected) {
      expect(relativeDifference(tensor as Tensor, found.get(name) as Tensor), name).toBeLessThan(TOLERANCE);
    }
  });
});

describe('lowering', () => {
  const convolutions = `<ir_version: 8, opset_import: ["" : 17]> g (float[1,3,8,8] x) => (float[1,3,8,8] y)
    <float[3,3,1,1] w = {1,0,0, 0,1,0, 0,0,1}> {
      a = Conv(x, w)  b = Relu(a)  c = Conv(b, w)  d = Add(b, c)  e = Concat <axis = 1>(d, d)
      f, g = Split <axis = 1>(e)  y = Mul(f, g)
    }`;

  it('moves the input and the output of a convolutional net, and nothing between', () => {
    const { report } = lowered(convolutions);
    expect(report.transposes.map((each) => each.reason)).toEqual(['graph-input', 'graph-output']);
  });

  it('carries channels-last through a channel shuffle without a move', () => {
    const { report } = lowered(`<ir_version: 8, opset_import: ["" : 17]> g (float[1,4,6,6] x) => (float[1,2,6,6] y)
      <float[4,1,3,3] w = {${new Array(36).fill(0.1).join(',')}}, int64[3] s = {2,2,36}, int64[5] t = {2,-1,2,6,6}, int64 i = {1}> {
        a = Conv <group = 4, pads = [1,1,1,1]>(x, w)  b = Reshape(a, s)  c = Transpose <perm = [1,0,2]>(b)
        d = Reshape(c, t)  y0 = Gather <axis = 0>(d, i)  y = Relu(y0)
      }`);
    expect(report.transposes.map((each) => each.reason)).toEqual(['graph-input', 'graph-output']);
    expect(report.operators.TRANSPOSE).toBe(2);
  });

  it('gives the same bytes twice', () => {
    expect(lowered(convolutions).bytes).toEqual(lowered(convolutions).bytes);
  });

  it.each([
    ['device-operator', 'y = NonZero(x)', 'float[2,3] x', 'int64[2,"n"] y'],
    ['device-type', 'y = Add(x, x)', 'double[2,3] x', 'double[2,3] y'],
    ['device-dynamic-shape', 'y = Relu(x)', 'float[2,n] x', 'float[2,n] y'],
    [
      'device-weights-not-constant',
      'y = ConvTranspose <group = 2>(x, w)',
      'float[1,2,4,4] x, float[2,1,1,1] w',
      'float[1,2,4,4] y',
    ],
    ['device-empty-tensor', 'y = Relu(x)', 'float[0,3] x', 'float[0,3] y'],
    ['device-empty-tensor', 'y = ReduceSum(x)', 'float[0,3] x', 'float[1,1] y'],
  ])('refuses with %s and says what to do', (code, body, inputs, outputs) => {
    const text = `<ir_version: 8, opset_import: ["" : 17]> g (${inputs}) => (${outputs.replace('"n"', 'm')}) { ${body} }`;
    const lowering = lowerToTflite(parseModel(text));
    expect(lowering.kind).toBe('refused');
    const [first] = lowering.report.refused;
    expect(first?.code).toBe(code);
    expect(first?.hint).not.toBe('');
  });

  it('binds open dimensions by symbol, by shape, and the batch to 1', async () => {
    const text = `<ir_version: 8, opset_import: ["" : 17]> g (float[n,3] x, float[m,w] z) => (float[n,3] y) { y = Relu(x) }`;
    const shapes = new Map([['z', [4, 5]]]);
    for (const binding of [{ dims: { w: 5, m: 4 } }, { shapes }]) {
      const lowering = lowerToTflite(parseModel(text), { binding });
      expect(lowering.kind).toBe('lowered');
      if (lowering.kind !== 'lowered') continue;
      expect(lowering.graph.inputs.map((port) => port.tensor.shape)).toEqual([
        [1, 3],
        [4, 5],
      ]);
    }
  });

  it('lists coverage without converting', () => {
    const coverage = coverageOfDevice(
      parseModel(`<ir_version: 8, opset_import: ["" : 17]> g (float[2,3] x) => (float[2,3] y) {
        a = Relu(x)  u, v, w, c = Unique(a)  y = Add(a, a) }`),
    );
    expect(coverage.operators.find((row) => row.operator === 'Relu')).toMatchObject({ nodes: 1, known: true });
  });
});
