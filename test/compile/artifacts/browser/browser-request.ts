import { PASSES } from '../../../../passes/index.ts';
import type { BrowserArtifactRequest } from '../../../../src/compile/artifacts/browser/browser-artifact.ts';
import { tfliteForms } from '../../../../src/compile/artifacts/tflite-forms.ts';
import { describeSource } from '../../../../src/compile/describe-source.ts';
import { toolVersion } from '../../../../src/compile/environment.ts';
import { StageClock } from '../../../../src/compile/events.ts';
import { type OptimizeOptions, resolveOptions } from '../../../../src/compile/optimize-options.ts';
import { describeDataset, prepareData } from '../../../../src/compile/prepare-data.ts';
import { CLEAN, FREEZE } from '../../../../src/compile/presets.ts';
import { quantizeModel } from '../../../../src/compile/quantize/quantize-model.ts';
import { openModelFile } from '../../../../src/files/open-model-file.ts';
import { printPipeline } from '../../../../src/pass/pipeline.ts';
import { runPipeline } from '../../../../src/pass/run-pipeline.ts';
import { openOrtSession } from '../../../../src/runtime/onnxruntime-node.ts';

/** What `buildBrowserArtifact` needs for a model file, prepared as the main job does. The caller closes `source.session`. */
export async function browserRequest(
  path: string,
  folder: string,
  options: OptimizeOptions,
): Promise<BrowserArtifactRequest> {
  const resolved = resolveOptions(options);
  const source = await openModelFile(path);
  const session = await openOrtSession(path);
  const data = await prepareData(session, resolved);
  const float = await openModelFile(path);
  const cleaning = [...FREEZE, ...CLEAN];
  runPipeline(float, cleaning, { passes: PASSES, seed: 0, onFailure: 'undo' });
  const quantized =
    resolved.quantize === 'none'
      ? undefined
      : await quantizeModel(float, data.calibration, resolved, { scheme: 'u8s8' });
  const clock = new StageClock(() => {});
  return {
    folder,
    float,
    quantized: quantized?.summary.skipped === null ? quantized.model : undefined,
    source: { model: source, path, session },
    name: 'tried',
    data,
    inputRanges: quantized?.inputRanges ?? {},
    resolved,
    manifest: {
      tool: { name: 'modelpress', version: toolVersion() },
      source: describeSource('tried', path, source, float, session),
      options: { ...resolved },
      seed: resolved.seed,
      pipeline: printPipeline(cleaning),
      datasets: { calibration: null, validation: describeDataset(data.validation) },
    },
    clock,
    tflite: tfliteForms({ model: float, source: session, calibration: data.calibration, resolved, clock }),
    onProgress: () => () => {},
  };
}
