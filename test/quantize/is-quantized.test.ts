import { describe, expect, it } from 'vitest';
import { quantizeDynamic } from '../../passes/quantize-dynamic.ts';
import { quantizeWeights } from '../../passes/quantize-weights.ts';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { isQuantized } from '../../src/quantize/is-quantized.ts';
import { HAS_ZOO, ZOO_NOTE, zooModel, zooModels } from '../zoo.ts';
import { layerSketch, quantized } from './layer-sketch.ts';
import { runPass } from './run-pass.ts';

const net = () => {
  const s = layerSketch();
  return s.model(s.gemm('y', s.op('f', 'Flatten', [s.conv('a', s.input('x', [1, 4, 8, 8]), [4, 4])]), [256, 32]));
};

describe('isQuantized', () => {
  it('is told by what layers compute with, not by how weights are stored', async () => {
    expect(isQuantized(net().graph)).toBe(false);
    expect(isQuantized((await quantized(net())).model.graph)).toBe(true);
    const stored = net();
    runPass(quantizeWeights, stored);
    expect(isQuantized(stored.graph)).toBe(false);
    const dynamic = net();
    runPass(quantizeDynamic, dynamic);
    expect(isQuantized(dynamic.graph)).toBe(true);
  });
});

describe.skipIf(!HAS_ZOO)(`isQuantized on real models${ZOO_NOTE}`, () => {
  it('knows the four that are', async () => {
    const found: string[] = [];
    for (const name of zooModels()) if (isQuantized((await openModelFile(zooModel(name))).graph)) found.push(name);
    expect(found).toEqual(['mlperf-ic-resnet8-qdq', 'mlperf-kws-dscnn-qdq', 'mnist-dynquant', 'mobilenetv2-qdq']);
  });
});
