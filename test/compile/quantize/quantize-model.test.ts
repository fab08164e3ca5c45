import { describe, expect, it } from 'vitest';
import { PASSES } from '../../../passes/index.ts';
import { resolveOptions } from '../../../src/compile/optimize-options.ts';
import { quantizeModel } from '../../../src/compile/quantize/quantize-model.ts';
import { synthesizeDataset } from '../../../src/data/synthesize-dataset.ts';
import { type Model, opsetOf } from '../../../src/ir/model.ts';
import { parseModel } from '../../../src/ir/text/parse.ts';
import { step } from '../../../src/pass/pipeline.ts';
import { runPipeline } from '../../../src/pass/run-pipeline.ts';

const DATA = synthesizeDataset([{ name: 'x', dtype: 'float32', dims: [2, 2] }], { seed: 1, samples: 4 });

async function int8(text: string): Promise<Awaited<ReturnType<typeof quantizeModel>> & { readonly source: Model }> {
  const source = parseModel(text);
  runPipeline(source, [step('infer-shapes')], { passes: PASSES });
  return { source, ...(await quantizeModel(source, DATA, resolveOptions({ quantize: 'int8' }), { scheme: 'u8s8' })) };
}

describe('quantizing a model', () => {
  it('leaves one as it is in which nothing runs in 8 bits, its opset too', async () => {
    const { model, summary, steps, diagnostics } = await int8(
      '<ir_version: 4, opset_import: ["" : 9]> g (float[2,2] x) => (float[2,2] y) <float c = {2}> { y = Div (x, c) }',
    );
    expect(summary.skipped).toContain('no operator that the runtime runs on 8-bit integers');
    expect([opsetOf(model), model.irVersion, steps, diagnostics]).toEqual([9, 4, [], []]);
    expect([...model.graph.nodes()].map(({ op }) => op)).toEqual(['Div']);
  });

  it('names the reasons where layers stay in float', async () => {
    const { summary } = await int8(`<ir_version: 8, opset_import: ["" : 13]> g (float16[2,2] x) => (float16[2,2] y)
      <float16[2,2] w = {1, 2, 3, 4}> { y = MatMul (x, w) }`);
    expect(summary.skipped).toBe('its layers stay in floating point: 1 node because its weights are not float32');
  });

  it("points at layers that stand in the model's own functions", async () => {
    const { summary } = await int8(`<ir_version: 8, opset_import: ["" : 13, "own" : 1]>
      g (float[2,2] x) => (float[2,2] y) <float[2,2] w = {1, 2, 3, 4}> { y = own.layer (x, w) }
      <domain: "own", opset_import: ["" : 13]> layer (a, b) => (c) { c = MatMul (a, b) }`);
    expect(summary.skipped).toContain('--inline-functions');
  });

  it('leaves layers in float whose weights are sparse', async () => {
    const { summary } = await int8(`<ir_version: 8, opset_import: ["" : 13]> g (float[2,2] x) => (float[2,2] y)
      <sparse_tensor(float[2,2]) w = {float[2] {1, 2}, int64[2] {0, 3}}> { y = MatMul (x, w) }`);
    expect(summary.quantized).toEqual({});
    expect(summary.kept.map(({ code }) => code)).toEqual(['quantize-float-weight-sparse']);
  });
});
