import { describe, expect, it } from 'vitest';
import { inspectFile } from '../../src/inspect/inspect-file.ts';
import { inspectModel } from '../../src/inspect/inspect-model.ts';
import { renderInspectionHtml } from '../../src/inspect/render-inspection-html.ts';
import { renderInspectionText } from '../../src/inspect/render-inspection-text.ts';
import { printModel } from '../../src/ir/text/print.ts';
import { CONVNET } from '../cli/fixture-paths.ts';
import { HAS_ZOO, ZOO_NOTE, zooModel } from '../zoo.ts';
import { modelWith, numbers } from './model-with.ts';

const WEIGHTS = `float[8,4] w = {${numbers(32)}}`;

describe('inspecting a model', () => {
  it('counts nodes, operators, parameters and their bytes', () => {
    const { nodes, operators, weights } = inspectModel(
      modelWith(`g (float[N,8] x) => (float[N,4] y) <${WEIGHTS}, float[4] b = {1, 2, 3, 4}, int64[1] one = {1}>
        { m = MatMul(x, w) a = Add(m, b) r = Relu(a) s = Relu(r) y = Slice(s, one, one, one) }`),
    );
    expect(nodes).toBe(5);
    expect(operators).toEqual([
      { domain: 'ai.onnx', op: 'Relu', count: 2 },
      { domain: 'ai.onnx', op: 'Add', count: 1 },
      { domain: 'ai.onnx', op: 'MatMul', count: 1 },
      { domain: 'ai.onnx', op: 'Slice', count: 1 },
    ]);
    expect(weights).toEqual({
      parameters: 37,
      bytes: 36 * 4 + 8,
      byType: [
        { type: 'float32', tensors: 2, bytes: 144 },
        { type: 'int64', tensors: 1, bytes: 8 },
      ],
    });
  });

  it('multiplies out costs and memory for the sizes that are bound, 1 where none is', () => {
    const model = modelWith(`g (float[N,8] x, float[N,M] z) => (float[N,4] y, float[N,M] q) <${WEIGHTS}>
      { y = MatMul(x, w) a = Neg(z) q = Neg(a) }`);
    const one = inspectModel(model);
    expect(one.dynamicDimensions).toEqual([
      { symbol: 'N', size: 1, given: false, at: ['x[0]', 'z[0]'] },
      { symbol: 'M', size: 1, given: false, at: ['z[1]'] },
    ]);
    expect(one.compute).toMatchObject({ macs: 32, unknownNodes: 0 });
    const bound = inspectModel(model, { bind: { N: 10, M: 100 } });
    expect(bound.compute.macs).toBe(320);
    expect(bound.activations.totalBytes).toBe(4 * (40 + 1000 + 1000));
    // x has been read when a is computed, z when q is.
    expect(bound.activations.peakBytes).toBe(4 * (40 + 1000 + 1000));
  });

  it('gives unnamed dimensions names to bind them by', () => {
    const model = modelWith('g (float[?,8] x) => (float[?,8] y) { y = Relu(x) }');
    const { dynamicDimensions, inputs } = inspectModel(model, { bind: { 'x.0': 5 } });
    expect(dynamicDimensions).toEqual([{ symbol: 'x.0', size: 5, given: true, at: ['x[0]'] }]);
    expect(inputs[0]?.shape).toEqual([null, 8]);
  });

  it('says what would be quantized, what not and why, without changing the model', () => {
    const model = modelWith(`g (float[N,8] x, float[8,4] v) => (float[N,4] y, float[N,4] z) <${WEIGHTS}>
      { a = MatMul(x, w) y = Relu(a) b = MatMul(x, v) z = Elu(b) }`);
    const before = printModel(model);
    const { int8 } = inspectModel(model);
    expect(int8.skipped).toBeNull();
    expect(int8.quantized.MatMul).toBe(2);
    expect(int8.macShare).toBe(1);
    expect(printModel(model)).toBe(before);
  });

  it('says why nothing would be quantized', () => {
    const outlook = (graph: string) => inspectModel(modelWith(graph)).int8;
    expect(outlook('g (float[N] x) => (float[N] y) { y = Exp(x) }')).toMatchObject({
      quantized: {},
      macShare: null,
      skipped: 'it has no operator that the runtime runs on 8-bit integers',
    });
    expect(
      outlook(`g (uint8[N,8] x) => (int32[N,4] y) <uint8[8,4] w = {${numbers(32, (i) => i)}}>
        { y = MatMulInteger(x, w) }`).skipped,
    ).toBe('it is quantized already');
  });

  it('renders as text and as HTML with whatever names the model has', async () => {
    const inspection = { ...(await inspectFile(CONVNET)), name: '<b>&"', producer: '<script>' };
    expect(renderInspectionText(inspection)).toContain('<script>');
    const html = renderInspectionHtml(inspection);
    expect(html).toContain('<h1>&lt;b&gt;&amp;&quot;</h1>');
    expect(html).not.toContain('<script>');
  });
});

describe.skipIf(!HAS_ZOO)(`inspecting real models${ZOO_NOTE}`, () => {
  it.each([
    ['mobilenetv1-025-224', 0.99],
    ['mlperf-ic-resnet8', 0.99],
    ['sst2-transformer-dynamo-external', 0.5],
  ])('%s has most of its work in layers that int8 takes', async (name, share) => {
    const { int8, compute } = await inspectFile(zooModel(name));
    expect(int8.macShare).toBeGreaterThan(share);
    expect(compute.macs).toBeGreaterThan(1e6);
  });

  it.each(['iris-sklearn-randomforest', 'silero-vad', 'nnsplit-en', 'mobilenetv2-qdq', 'magika-v3_3'])(
    '%s is described, as text too',
    async (name) => {
      const inspection = await inspectFile(zooModel(name));
      expect(inspection.nodes).toBeGreaterThan(0);
      expect(JSON.parse(JSON.stringify(inspection))).toEqual(inspection);
      expect(renderInspectionText(inspection)).toContain('Operators');
    },
  );
});
