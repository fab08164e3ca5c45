import { describe, expect, it } from 'vitest';
import { type OptimizeOptions, resolveOptions } from '../../src/compile/optimize-options.ts';
import { quantizeModel } from '../../src/compile/quantize/quantize-model.ts';
import { makeSample, memoryDataset } from '../../src/data/indexed-dataset.ts';
import type { Model } from '../../src/ir/model.ts';
import { tensorFromElements } from '../../src/ir/tensor.ts';
import type { Value } from '../../src/ir/value.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import { MAX_TRIALS } from '../../src/tune/tune-int8.ts';
import { kernelsOf, layerSketch, noiseOf, samplesFor } from '../quantize/layer-sketch.ts';

/**
 * Four convolutions, the second of which reads channels of which one is 3,000 times as large as the others and has no
 * weight there: what it needs is lost in 8 bits.
 */
function lopsided(): Model {
  const s = layerSketch();
  const first = s.conv('first', s.input('x', [1, 4, 12, 12]), [4, 4]);
  const scaled = s.op('scaled', 'Mul', [
    s.op('r1', 'Relu', [first]),
    s.constant('scale', [3000, 1, 1, 1], [1, 4, 1, 1]),
  ]);
  const kernel = Float32Array.from({ length: 4 * 4 * 9 }, (_, i) => (Math.floor(i / 9) % 4 === 0 ? 0 : Math.sin(i)));
  const weight = s.graph.addConstant(tensorFromElements('float32', [4, 4, 3, 3], kernel), 'second_w');
  const second = s.op('second', 'Conv', [scaled, weight]);
  const third = s.conv('third', s.op('r2', 'Relu', [second]), [4, 8]);
  return s.model(s.conv('fourth', s.op('r3', 'Relu', [third]), [8, 4]));
}

async function quantize(model: Model, options: OptimizeOptions = {}) {
  const data = memoryDataset(
    'samples',
    samplesFor(model).map((feed) => makeSample(feed)),
  );
  return await quantizeModel(model, data, resolveOptions({ quantize: 'int8', ...options }), { scheme: 'u8s8' });
}

describe('int8 in a budget', () => {
  it('leaves the layer in float that costs it most, and no other', async () => {
    const model = lopsided();
    const plain = await quantize(model, { tune: false });
    expect(await noiseOf(plain.model, model)).toBeLessThan(15);
    expect(plain.summary.tuning).toBeUndefined();

    const tuned = await quantize(model);
    expect(await noiseOf(tuned.model, model)).toBeGreaterThan(20);
    expect(await kernelsOf(tuned.model)).toMatchObject({ QLinearConv: 3, Conv: 1 });
    const { kept, tuning } = tuned.summary;
    expect(kept).toMatchObject([{ node: 'second_node', op: 'Conv', code: 'quantize-float-sensitivity' }]);
    expect(kept[0]!.sqnr).toBeLessThan(15);
    expect(tuning).toMatchObject({ met: true, minSqnrDb: 20, floatLayers: 1, layers: 4 });
    expect(tuning!.sqnrBefore).toBeLessThan(15);
    expect(tuning!.sqnrAfter).toBeGreaterThan(20);
    expect(tuning!.floatMacShare).toBeGreaterThan(0.1);
    expect(tuning!.models).toBeLessThanOrEqual(MAX_TRIALS);
    expect(tuned.diagnostics.map(({ code, severity }) => [code, severity])).toEqual([['tune-less-int8', 'note']]);
  });

  it('gives the same bytes again, and the pipeline names what it left out', async () => {
    const [one, other] = [await quantize(lopsided()), await quantize(lopsided())];
    expect(writeModel(one.model)).toEqual(writeModel(other.model));
    const step = one.steps.find((each) => each.kind === 'pass' && each.name === 'quantize-int8');
    expect(step).toMatchObject({ options: { exclude: ['second'] } });
  });

  it('runs a model once that is close enough', async () => {
    const s = layerSketch();
    const model = s.model(s.conv('only', s.input('x', [1, 4, 12, 12]), [4, 4]));
    const { summary, diagnostics } = await quantize(model);
    expect(summary.tuning).toMatchObject({ met: true, floatLayers: 0, models: 1, samples: 8, runs: 8 });
    expect(diagnostics).toEqual([]);
  });

  it('says so where no model keeps the budget, and gives the closest', async () => {
    const model = lopsided();
    const { summary, diagnostics } = await quantize(model, { minSqnr: 90 });
    expect(summary.tuning).toMatchObject({ met: false, minSqnrDb: 90 });
    expect(summary.tuning!.sqnrAfter).toBeGreaterThan(summary.tuning!.sqnrBefore);
    expect(summary.tuning!.models).toBeLessThanOrEqual(MAX_TRIALS);
    expect(diagnostics).toMatchObject([{ code: 'tune-budget-missed', severity: 'warning' }]);
    expect(summary.quantized.Conv).toBeGreaterThan(0);
  });

  it('keeps what was excluded by hand out of the search', async () => {
    const { summary, diagnostics } = await quantize(lopsided(), { quantizeExclude: ['second'] });
    expect(summary.kept).toMatchObject([{ node: 'second_node', code: 'quantize-float-excluded' }]);
    expect(summary.tuning).toMatchObject({ met: true, floatLayers: 0, layers: 3 });
    expect(diagnostics).toEqual([]);
  });
});

describe('products whose results do not fit 8 bits', () => {
  /** Two products that are multiplied, of which one has a column that is 3,000 times as large, the other as small. */
  const gated = (): Model => {
    const s = layerSketch();
    const x = s.input('x', [4, 64]);
    const gate = (name: string, size: number): Value => {
      const values = Float32Array.from({ length: 64 * 32 }, (_, i) => Math.sin(i * i) * (i % 32 === 0 ? size : 1));
      return s.op(name, 'MatMul', [
        x,
        s.graph.addConstant(tensorFromElements('float32', [64, 32], values), `${name}_w`),
      ]);
    };
    const product = s.op('product', 'Mul', [gate('large', 3000), gate('small', 1 / 3000)]);
    return s.model(s.op('y', 'MatMul', [product, s.weight('w', [32, 32], 0.2)]));
  };

  it('are quantized anew in every run, and stay in int8', async () => {
    const { summary, model, diagnostics } = await quantize(gated());
    expect(summary.tuning).toMatchObject({ met: true, floatLayers: 0, dynamicLayers: 3, floatMacShare: 0, models: 2 });
    expect(summary.quantized).toEqual({ 'MatMul (dynamic)': 3 });
    expect(summary.kept).toEqual([]);
    expect(await noiseOf(model, gated())).toBeGreaterThan(20);
    expect(diagnostics.map(({ code }) => code)).toEqual(['tune-less-int8']);
  });
});
