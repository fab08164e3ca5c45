import { expect, it } from 'vitest';
import { type OptimizeOptions, resolveOptions } from '../../../src/compile/optimize-options.ts';
import { int8Steps } from '../../../src/compile/quantize/int8-steps.ts';
import { quantizeModel } from '../../../src/compile/quantize/quantize-model.ts';
import { makeSample, memoryDataset } from '../../../src/data/indexed-dataset.ts';
import { int } from '../../../src/ir/attribute.ts';
import type { Model } from '../../../src/ir/model.ts';
import { nodesWithin } from '../../../src/ir/walk.ts';
import { layerSketch, noiseOf, samplesFor } from '../../quantize/layer-sketch.ts';

/** A recurrent layer of 24 units over 6 steps of 16 numbers. */
function recurrent(op: 'LSTM' | 'GRU', gates: number): Model {
  const s = layerSketch();
  const weights = [s.weight('w', [1, gates * 24, 16], 0.3), s.weight('r', [1, gates * 24, 24], 0.3)];
  return s.model(s.op('y', op, [s.input('x', [6, 1, 16]), ...weights], { attributes: { hidden_size: int(24) } }));
}

async function quantize(model: Model, options: OptimizeOptions = {}) {
  const data = memoryDataset(
    'samples',
    samplesFor(model).map((feed) => makeSample(feed)),
  );
  const result = await quantizeModel(model, data, resolveOptions({ quantize: 'int8', ...options }), { scheme: 'u8s8' });
  const ops = new Set([...nodesWithin(result.model.graph)].map(({ op }) => op));
  return { ...result, ops, codes: result.diagnostics.map(({ code }) => code) };
}

it('computes an LSTM in integers, dynamically', async () => {
  const model = recurrent('LSTM', 4);
  const { ops, summary, codes, model: result } = await quantize(model);
  expect([...ops]).toEqual(['DynamicQuantizeLSTM']);
  expect(summary.quantized).toEqual({ 'LSTM (dynamic)': 1 });
  expect(summary.kept).toEqual([]);
  expect(codes).toEqual([]);
  expect(await noiseOf(result, model)).toBeGreaterThan(30);
});

it('only stores the weights of an LSTM for runtimes that have no operator for it', async () => {
  const { ops, summary, codes } = await quantize(recurrent('LSTM', 4), { for: 'generic' });
  expect([...ops].sort()).toEqual(['DequantizeLinear', 'LSTM']);
  expect(summary.quantized).toEqual({ 'weights only': 2 });
  expect(summary.kept).toMatchObject([{ op: 'LSTM', code: 'quantize-float-recurrent' }]);
  expect(codes).toEqual(['quantize-weights-only']);
});

it('stores the weights of a GRU, and says what that costs, or leaves it alone for speed', async () => {
  const small = await quantize(recurrent('GRU', 3));
  expect([...small.ops].sort()).toEqual(['DequantizeLinear', 'GRU']);
  expect(small.codes).toEqual(['quantize-weights-only']);
  const fast = await quantize(recurrent('GRU', 3), { prefer: 'speed' });
  expect([...fast.ops]).toEqual(['GRU']);
  expect(fast.codes).toEqual([]);
  expect(fast.summary.skipped).not.toBeNull();
});

it('adds what was left out to the lists that the options of passes give', () => {
  const resolved = resolveOptions({
    passOptions: { 'quantize-weights': { exclude: 'GRU|RNN' } },
    quantizeExclude: ['b'],
  });
  const steps = int8Steps(resolved, 'u8s8', { floats: ['f'], dynamic: ['d'] });
  const lists = steps.flatMap((step) => (step.kind === 'pass' && step.options.exclude ? [step.options.exclude] : []));
  expect(lists).toEqual([
    ['b', 'f', 'd'],
    ['b', 'f'],
    ['GRU', 'RNN', 'f'],
  ]);
});
