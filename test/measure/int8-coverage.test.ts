import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saveModelFile } from '../../src/files/save-model-file.ts';
import type { Model } from '../../src/ir/model.ts';
import { measureInt8Coverage } from '../../src/measure/int8-coverage.ts';
import { layerSketch, quantized } from '../quantize/layer-sketch.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelpress-test-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function coverageOf(model: Model) {
  const path = join(folder, 'model.onnx');
  await saveModelFile(model, path);
  return await measureInt8Coverage(path, model);
}

/** Two convolutions, of 8x8 positions: 64 * 4 * 4 * 9 products in the first, twice as many in the second. */
function net(): Model {
  const s = layerSketch();
  return s.model(s.conv('b', s.op('r', 'Relu', [s.conv('a', s.input('x', [1, 4, 8, 8]), [4, 4])]), [4, 8]));
}

const FIRST = 64 * 4 * 4 * 9;

describe('measureInt8Coverage', () => {
  it('counts every layer of a quantized net', async () => {
    const coverage = await coverageOf((await quantized(net())).model);
    expect(coverage).toMatchObject({
      share: 1,
      integerMacs: 3 * FIRST,
      totalMacs: 3 * FIRST,
      floatLayers: [],
      floatKernels: {},
    });
    expect(coverage.integerKernels).toEqual({ QLinearConv: 2 });
  });

  it('counts what was left out by its cost', async () => {
    const coverage = await coverageOf((await quantized(net(), { exclude: ['b_node'] })).model);
    expect(coverage.share).toBeCloseTo(1 / 3, 10);
    expect(coverage.floatLayers).toEqual([{ name: 'b_node', op: 'Conv', macs: 2 * FIRST }]);
    expect(Object.values(coverage.floatKernels).reduce((a, b) => a + b, 0)).toBe(1);
  });

  it('is not taken in by a layer that only looks quantized', async () => {
    const { model } = await quantized(net());
    // A bias whose scale is not that of the products: the runtime computes the layer in float without a word.
    for (const node of model.graph.nodes()) {
      const bias = node.op === 'Conv' && node.name === 'a_node' ? node.inputs[2]!.producer! : undefined;
      if (bias !== undefined) model.graph.setInput(bias, 1, layerScales(model, 4));
    }
    const coverage = await coverageOf(model);
    expect(coverage.share).toBeCloseTo(2 / 3, 10);
    expect(coverage.floatLayers.map(({ name }) => name)).toEqual(['a_node']);
  });

  it('is nothing for a float net, and unknown for a graph without layers', async () => {
    expect(await coverageOf(net())).toMatchObject({ share: 0, integerMacs: 0, integerKernels: {} });
    const s = layerSketch();
    expect((await coverageOf(s.model(s.op('y', 'Neg', [s.input('x', [2])])))).share).toBeNull();
  });
});

function layerScales(model: Model, channels: number) {
  const s = layerSketch();
  return model.graph.addConstant(s.constant('scale', new Array(channels).fill(7)).constant!, 'scale');
}
