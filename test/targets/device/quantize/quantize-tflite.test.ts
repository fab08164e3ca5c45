import { afterAll, describe, expect, it } from 'vitest';
import { tensorFromNumbers, toFloat32 } from '../../../../src/ir/tensor.ts';
import { parseModel } from '../../../../src/ir/text/parse.ts';
import { LiteRtHost } from '../../../../src/runtime/litert-host.ts';
import { lowerToTflite } from '../../../../src/targets/device/lower-to-tflite.ts';
import { type IntegerLevel, keptInFloat } from '../../../../src/targets/device/quantize/fallback-levels.ts';
import { runSamples, worstSqnr } from '../../../../src/targets/device/quantize/measure-sqnr.ts';
import { type DeviceQuantization, quantizeTflite } from '../../../../src/targets/device/quantize/quantize-tflite.ts';
import type { TfGraph, TfTensor } from '../../../../src/targets/device/tflite/tf-graph.ts';
import { writeTflite } from '../../../../src/targets/device/tflite/write-tflite.ts';
import { failureOf } from '../../../data/failure-of.ts';
import { randomFeed } from '../random-feed.ts';

function numbers(count: number, seed: number): string {
  return Array.from({ length: count }, (_, i) => (Math.sin((i + 1) * seed) * 0.5).toFixed(4)).join(', ');
}

const NET = parseModel(`<ir_version: 8, opset_import: ["" : 17]> net (float[1,3,12,12] x) => (float[1,10] y)
  <float[16,3,3,3] w = {${numbers(432, 1.7)}}, float[16] b = {${numbers(16, 0.3)}}, float[16,1,3,3] d = {${numbers(144, 2.3)}},
   float[16,16,1,1] p = {${numbers(256, 3.1)}}, float[16,10] m = {${numbers(160, 0.9)}}, int64[2] s = {1, 16}> {
    a = Conv <pads = [1,1,1,1]>(x, w, b)  r = Relu(a)
    e = Conv <group = 16, pads = [1,1,1,1], strides = [2,2]>(r, d)  f = Relu(e)
    g = Conv(f, p)  h = Add(f, g)  k = Concat <axis = 1>(h, f)  u, v = Split <axis = 1>(k)
    t = Sigmoid(u)  q = Mul(t, v)  i = GlobalAveragePool(q)  j = Reshape(i, s)  y = MatMul(j, m)
  }`);

function floatGraph(): TfGraph {
  const lowering = lowerToTflite(NET);
  if (lowering.kind === 'refused') throw new Error(lowering.report.refused[0]?.message);
  return lowering.graph;
}

const graph = floatGraph();
const samples = [1, 2, 3, 4].map((seed) => randomFeed(NET, seed));

describe('a quantized graph', () => {
  const host = new LiteRtHost();
  afterAll(() => host.close());

  async function sqnr(mode: DeviceQuantization, ports: 'float32' | 'quantized' = 'float32') {
    const file = await quantizeTflite(graph, { mode, samples, host, ports });
    const reference = await runSamples(graph, writeTflite(graph, { description: '' }), samples, { host });
    return { file, db: worstSqnr(reference, await runSamples(file.graph, file.bytes, samples, { host })) };
  }

  it.each([
    ['float16', 60],
    ['int8-dynamic', 30],
    ['int8', 30],
    ['int16x8', 30],
  ] as const)('in %s comes close to float32 in LiteRT', async (mode, decibels) => {
    expect((await sqnr(mode)).db).toBeGreaterThan(decibels);
  });

  it('has integer operators only, and integers at its borders on demand', async () => {
    const { file, db } = await sqnr('int8', 'quantized');
    expect(file.level).toBe('all-operators');
    expect(file.floatOperators).toEqual({});
    expect(file.graph.inputs[0]?.tensor.type).toBe('int8');
    expect(file.graph.outputs[0]?.tensor.type).toBe('int8');
    expect(file.graph.operators.some(({ name }) => name === 'DEQUANTIZE')).toBe(false);
    expect(db).toBeGreaterThan(30);
  });

  it('follows the 8-bit specification', async () => {
    const { graph: quantized } = await quantizeTflite(graph, { mode: 'int8', samples, host });
    for (const { name, inputs, outputs } of quantized.operators) {
      const [x, weights, bias] = inputs;
      if (name === 'CONV_2D' || name === 'DEPTHWISE_CONV_2D') {
        const axis = name === 'CONV_2D' ? 0 : 3;
        expect(weights?.quantization).toMatchObject({ axis });
        expect(weights?.quantization?.scales).toHaveLength(weights?.shape[axis] ?? 0);
        expect(weights?.quantization?.zeroPoints.every((zero) => zero === 0)).toBe(true);
        expect(bias).toMatchObject({ type: 'int32', quantization: { axis: 0 } });
        const product = scaleOf(x) * (weights?.quantization?.scales[0] ?? 0);
        expect(bias?.quantization?.scales[0]).toBeCloseTo(product, 9);
      }
      if (name === 'FULLY_CONNECTED') expect(weights?.quantization?.scales).toHaveLength(1);
      if (name === 'LOGISTIC')
        expect(outputs[0]?.quantization).toMatchObject({ scales: [1 / 256], zeroPoints: [-128] });
      if (name === 'CONCATENATION') {
        for (const tensor of inputs) expect(tensor?.quantization).toEqual(outputs[0]?.quantization);
      }
      expect(name).not.toBe('SPLIT');
    }
  });

  it('gives the same bytes twice, with tensor names that differ', async () => {
    const [a, b] = [
      await quantizeTflite(graph, { mode: 'int8', samples, host }),
      await quantizeTflite(graph, { mode: 'int8', samples, host }),
    ];
    expect(a.bytes).toEqual(b.bytes);
    const names = new Set<string>();
    const tensors = new Set<TfTensor>();
    for (const { inputs, outputs } of a.graph.operators)
      for (const tensor of [...inputs, ...outputs]) if (tensor !== undefined) tensors.add(tensor);
    for (const { name } of tensors) names.add(name);
    expect(names.size).toBe(tensors.size);
  });

  it('keeps more in float until it is close enough, and says so when it never is', async () => {
    const file = await quantizeTflite(graph, { mode: 'int8', samples, host, minSqnrDb: 1000 });
    expect(file.diagnostics.map((each) => each.code)).toEqual(['device-quantization-noise']);
    const levels: IntegerLevel[] = ['layers-only'];
    const layers = await quantizeTflite(graph, { mode: 'int8', samples, host, levels });
    expect(layers.integerOperators).toBe(
      graph.operators.filter((each) => !keptInFloat(graph, 'layers-only')(each)).length,
    );
  });

  it('keeps the operators in float that integers are too coarse for, and no others', async () => {
    const uneven = parseModel(`<ir_version: 8, opset_import: ["" : 17]> uneven (float[1,4] x) => (float[1,4] y)
      <float[4] mean = {100, 0, 0, 0}, float[4,4] m = {${numbers(16, 1.3)}}> { c = Sub(x, mean)  h = MatMul(c, m)  r = Relu(h)  y = MatMul(r, m) }`);
    const lowering = lowerToTflite(uneven);
    if (lowering.kind === 'refused') throw new Error('refused');
    const feeds = [1, 2, 3].map(
      (seed) =>
        new Map(
          [...randomFeed(uneven, seed)].map(([name, x]) => {
            const values = toFloat32(x).map((value, k) => (k === 0 ? 100 + value / 10 : value / 10));
            return [name, tensorFromNumbers('float32', x.dims, [...values])] as const;
          }),
        ),
    );
    const whole = await quantizeTflite(lowering.graph, {
      mode: 'int8',
      samples: feeds,
      host,
      levels: ['all-operators'],
    });
    expect(whole.sqnrDb).toBeLessThan(10);
    const file = await quantizeTflite(lowering.graph, { mode: 'int8', samples: feeds, host });
    expect(file.level).toBe('float-sensitive');
    expect(file.sqnrDb).toBeGreaterThan(25);
    expect(file.floatOperators).toEqual({ SUB: 1 });
  });

  it('stays float32, with a warning, where LiteRT does not run it', async () => {
    const [first, ...rest] = graph.operators;
    const torn = { ...first!, inputs: [graph.inputs[0]!.tensor, ...rest.flatMap(({ inputs }) => inputs).slice(0, 2)] };
    const broken = { ...graph, operators: [torn, ...rest] };
    for (const mode of ['float16', 'int8-dynamic'] as const) {
      const file = await quantizeTflite(broken, { mode, samples, host });
      expect(file.diagnostics.map(({ code }) => code)).toEqual(['device-quantization-failed']);
      expect(file.precision).toBe('float32');
    }
    expect((await quantizeTflite(graph, { mode: 'float16', samples, host })).precision).toBe('float16');
  });

  it('needs data', async () => {
    expect((await failureOf(() => quantizeTflite(graph, { mode: 'int8', host }))).code).toBe('calibrate-no-samples');
  });
});

function scaleOf(tensor: TfTensor | undefined): number {
  return tensor?.quantization?.scales[0] ?? Number.NaN;
}
