import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { saveModelFile } from '../../../src/files/save-model-file.ts';
import type { Model } from '../../../src/ir/model.ts';
import type { Tensor } from '../../../src/ir/tensor.ts';
import type { BrowserCandidate } from '../../../src/targets/browser/browser-manifest.ts';
import { emitBrowser } from '../../../src/targets/browser/emit-browser.ts';
import { lowerToTflite } from '../../../src/targets/device/lower-to-tflite.ts';
import { buildTfjsModel } from '../../../src/targets/tfjs/build-tfjs-model.ts';
import { onnxCandidate } from './tiny-artifact.ts';

/**
 * A browser artifact of a model in float32 for each of the runtimes, as ONNX, .tflite and TensorFlow.js model.
 *
 * @param feed a sample, whose shapes the latter two take.
 * @returns the files to load, in this order.
 */
export async function emitThreeRuntimes(
  directory: string,
  model: Model,
  feed: ReadonlyMap<string, Tensor>,
): Promise<readonly string[]> {
  mkdirSync(directory);
  const binding = { shapes: new Map([...feed].map(([port, tensor]) => [port, tensor.dims])) };
  const lowering = lowerToTflite(model, { binding });
  if (lowering.kind === 'refused') throw new Error(lowering.report.refused[0]?.message);
  const built = buildTfjsModel(model, { binding });
  if (built.kind === 'refused') throw new Error(built.refused[0]?.message);
  const onnx = (await saveModelFile(model, join(directory, 'model.onnx'))).map((path) => basename(path));
  const others = new Map([['model.tflite', lowering.bytes], ...built.files]);
  for (const [path, bytes] of others) await writeFile(join(directory, path), bytes);
  const candidates: readonly BrowserCandidate[] = [
    { ...onnxCandidate('model.onnx'), files: onnx },
    { ...onnxCandidate('model.tflite'), runtime: 'litert' },
    { ...onnxCandidate(built.file), runtime: 'tfjs', files: [...built.files.keys()] },
  ];
  await emitBrowser({
    directory,
    files: [...onnx, ...others.keys()].map((path) => ({ path, copyFrom: join(directory, path) })),
    manifest: {
      model: { name: 'three-runtimes', version: 1 },
      inputs: [...feed].map(([name, { dtype, dims }]) => ({ name, type: dtype, shape: dims })),
      outputs: [],
      browser: { candidates, choice: 'Each is asked for by name.' },
    },
    sample: feed,
  });
  return candidates.map(({ file }) => file);
}
