import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { largePerceptron } from '../../bench/large-model/large-perceptron.ts';
import { optimize } from '../../src/compile/optimize.ts';
import type { OptimizeOptions } from '../../src/compile/optimize-options.ts';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { saveModelFile } from '../../src/files/save-model-file.ts';
import { differenceOfModels } from '../../src/ir/equal-models.ts';
import { manifestSchema } from '../../src/report/manifest-schema.ts';
import { CONVNET } from '../cli/fixture-paths.ts';
import { temporaryFolder } from '../cli/temporary-folder.ts';

const WIDTH = 256;
const LAYERS = 8;

const folder = temporaryFolder();
const source = join(folder, 'perceptron.onnx');

beforeAll(async () => {
  await saveModelFile(largePerceptron({ layers: LAYERS, width: WIDTH, seed: 1 }), source, { external: true });
});

/** Runs the main job twice, with everything held and with nothing held. */
async function bothWays(name: string, path: string, options: OptimizeOptions) {
  const common = { latencyBudget: 0, measure: false, target: ['server' as const], ...options };
  const run = (kind: string, more: OptimizeOptions) =>
    optimize(path, { ...common, ...more, output: join(folder, `${name}-${kind}`) });
  const held = await run('held', {});
  const large = await run('large', { wholeModelLimit: 10_000 });
  const [a, b] = [held, large].map(({ output }) => openModelFile(join(output, 'server/model.onnx')));
  return { held, large, difference: differenceOfModels(await a!, await b!) };
}

describe('a model above the limit', () => {
  it.each([
    ['int8-weights', { quantize: 'int8-weights' }],
    ['int8', { quantize: 'int8' }],
  ] as const)('becomes what it becomes when it is held: %s', async (name, options) => {
    // Ranges come from as many samples both times only where they are given; none are needed by the other modes.
    const path = name === 'int8' ? CONVNET : source;
    const data = name === 'int8' ? { calibrate: CONVNET.replace(/models\/.*$/, 'data/digits-calibration.npz') } : {};
    const { large, difference } = await bothWays(name, path, { ...options, ...data });
    expect(difference).toBeUndefined();
    expect(large.passed).toBe(true);
    expect(large.report.variants.map((variant) => variant.name)).toEqual(['source', 'server']);
  });

  it('is compared with its source, and what was left out is said', async () => {
    const { output, report } = await optimize(source, { output: join(folder, 'said'), wholeModelLimit: 10_000 });
    const [said] = report.diagnostics.filter(({ code }) => code === 'large-model');
    expect(said?.notes).toContain('latency and memory were not measured');
    expect(said?.notes).toContain('model.ort was not made');
    expect(said?.notes).toContain('the serving program was not started with the model');
    expect(report.diagnostics.map(({ code }) => code)).not.toContain('check-not-possible');
    const server = report.variants.find(({ target }) => target === 'server');
    expect(server).toMatchObject({ latency: null, memory: null, accuracy: { against: 'reference', failures: 0 } });
    expect(server?.accuracy?.sqnr).toBeGreaterThan(100);
    expect(existsSync(join(output, 'server/model.ort'))).toBe(false);
    const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(output, 'server/manifest.json'), 'utf8')));
    expect(manifest.files.map(({ path }) => path)).toContain('model.onnx.data');
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('has weights that two layers share stored once, each at the start of a page', async () => {
    const { output } = await optimize(source, { output: join(folder, 'once'), wholeModelLimit: 10_000 });
    const bytes = WIDTH * WIDTH * 4;
    expect(statSync(join(output, 'server/model.onnx.data')).size).toBe((LAYERS - 1) * bytes);
    const { graph } = await openModelFile(join(output, 'server/model.onnx'));
    const places = [...graph.constants()].map(({ constant }) => constant?.storage);
    expect(places).toHaveLength(LAYERS - 1);
    for (const storage of places) expect(storage?.kind === 'slice' && storage.offset % 4096).toBe(0);
  });

  it('has a pass that changes its results found and left out', async () => {
    const { report } = await optimize(source, {
      output: join(folder, 'guilty'),
      wholeModelLimit: 10_000,
      pipeline: 'infer-shapes,prune-magnitude(sparsity=0.9),eliminate-dead-code',
    });
    expect(report.diagnostics.find(({ code }) => code === 'check-pass-skipped')?.at).toBe('prune-magnitude');
    expect(report.variants.find(({ target }) => target === 'server')?.accuracy?.sqnr).toBeGreaterThan(100);
  });

  it('is made for no browser and no device, and says so', async () => {
    const { report, output } = await optimize(source, {
      output: join(folder, 'targets'),
      wholeModelLimit: 10_000,
      target: ['server', 'browser', 'device'],
    });
    const codes = report.diagnostics.map(({ code }) => code);
    expect(codes).toContain('browser-not-made');
    expect(codes).toContain('device-not-made');
    expect(existsSync(join(output, 'server/model.onnx'))).toBe(true);
    await expect(
      optimize(source, { output: join(folder, 'device'), wholeModelLimit: 10_000, target: ['device'] }),
    ).rejects.toMatchObject({ code: 'device-model-too-large' });
  });
});
