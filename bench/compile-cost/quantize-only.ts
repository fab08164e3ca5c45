// Quantizes a model to int8 and does nothing else: `node quantize-only.js MODEL CALIBRATION OBSERVER OUTPUT RESULT.json`.
// Reads, optimizes, calibrates, quantizes and writes as `optimize --quantize int8` does, without checking, validating and
// measuring what came of it, so that the cost can be held against tools that do none of that.
import { writeFileSync } from 'node:fs';
import { PASSES } from '../../passes/index.ts';
import { keepYoungGenerationSmall } from '../../src/cli/young-generation.ts';
import { type OptimizeOptions, resolveOptions } from '../../src/compile/optimize-options.ts';
import { CLEAN, FREEZE, SLIM } from '../../src/compile/presets.ts';
import { quantizeModel } from '../../src/compile/quantize/quantize-model.ts';
import { openDataset } from '../../src/data/open-dataset.ts';
import { takeSamples } from '../../src/data/subset-dataset.ts';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { saveModelFile } from '../../src/files/save-model-file.ts';
import { runPipeline } from '../../src/pass/run-pipeline.ts';
import { graphPorts } from './graph-ports.ts';

// As the command line does.
keepYoungGenerationSmall();

const startUpSeconds = performance.now() / 1000;
const stages: { name: string; seconds: number }[] = [];

async function timed<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  stages.push({ name, seconds: (performance.now() - start) / 1000 });
  return result;
}

const [path, calibration, observer, output, result] = process.argv.slice(2);
if (path === undefined || calibration === undefined || output === undefined || result === undefined)
  throw new Error('usage: quantize-only MODEL CALIBRATION OBSERVER OUTPUT RESULT');

// The schema refuses an observer that there is none of.
const options = resolveOptions({
  quantize: 'int8',
  tune: false,
  observer: observer as NonNullable<OptimizeOptions['observer']>,
});
const passes = { passes: PASSES, onFailure: 'undo' } as const;
const model = await timed('read', () => openModelFile(path));
const data = await timed('data', async () => {
  const dataset = await openDataset(calibration, { inputs: graphPorts(model.graph) });
  return takeSamples(dataset, options.calibrationSamples, options.seed);
});
await timed('optimize', () => runPipeline(model, [...FREEZE, ...CLEAN], passes));
const quantized = await timed('quantize', () => quantizeModel(model, data, options, { scheme: 'u8s8' }));
await timed('write', () => {
  runPipeline(quantized.model, SLIM, passes);
  return saveModelFile(quantized.model, output, { debugInfo: options.keepNames });
});
writeFileSync(result, JSON.stringify({ startUpSeconds, stages }));
