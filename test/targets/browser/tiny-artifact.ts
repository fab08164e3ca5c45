import { mkdirSync } from 'node:fs';
import { type Tensor, tensorFromNumbers } from '../../../src/ir/tensor.ts';
import { readModel } from '../../../src/onnx/read-model.ts';
import type { BrowserCandidate, BrowserManifest } from '../../../src/targets/browser/browser-manifest.ts';
import { emitBrowser } from '../../../src/targets/browser/emit-browser.ts';
import { lowerToTflite } from '../../../src/targets/device/lower-to-tflite.ts';
import { denseModel } from '../server/tiny-models.ts';

/** A candidate in onnxruntime-web that is one file. */
export function onnxCandidate(file: string): BrowserCandidate {
  return { file, runtime: 'onnxruntime-web', precision: 'float32', files: [file], config: {}, shapes: {} };
}

/** A candidate in LiteRT that takes one row only. */
export function litertCandidate(file: string): BrowserCandidate {
  return { ...onnxCandidate(file), runtime: 'litert', shapes: { x: [1, 3] } };
}

/** The manifest of an artifact of `denseModel('batch')`. */
export function denseManifest(files: readonly string[]): BrowserManifest {
  return {
    model: { name: 'dense', version: 1 },
    inputs: [{ name: 'x', type: 'float32', shape: ['batch', 3] }],
    outputs: [{ name: 'y', type: 'float32', shape: ['batch', 2] }],
    browser: {
      candidates: files.map((file) => (file.endsWith('.tflite') ? litertCandidate(file) : onnxCandidate(file))),
      choice: 'It is the only one.',
    },
  };
}

export const DENSE_FEED: ReadonlyMap<string, Tensor> = new Map([
  ['x', tensorFromNumbers('float32', [1, 3], [1, 2, 3])],
]);

/** `denseModel('batch')` for one row, in TensorFlow Lite. */
export function denseTflite(): Uint8Array {
  const lowering = lowerToTflite(readModel(denseModel('batch')));
  if (lowering.kind === 'refused') throw new Error(lowering.report.refused[0]?.message);
  return lowering.bytes;
}

/** Emits an artifact of the given model files. */
export async function emitDense(
  directory: string,
  models: Readonly<Record<string, Uint8Array>> = { 'model.onnx': denseModel('batch') },
): Promise<void> {
  mkdirSync(directory, { recursive: true });
  await emitBrowser({
    directory,
    files: Object.entries(models).map(([path, bytes]) => ({ path, bytes })),
    manifest: denseManifest(Object.keys(models)),
    sample: DENSE_FEED,
  });
}
