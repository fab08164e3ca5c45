import { extname } from 'node:path';
import { openModelFile } from '../files/open-model-file.ts';
import type { ModelFiles } from './artifacts/measure-artifacts.ts';
import { filesOf } from './model-identity.ts';

/**
 * The files of a model that ONNX Runtime is to load: an ONNX file, which is read to see that it is one, with its
 * external data, or a file in ONNX Runtime's own format (`.ort`), which the runtime alone can tell about.
 *
 * @throws ModelpressError those of `openModelFile`.
 */
export async function modelFilesAt(path: string): Promise<ModelFiles> {
  const parts = extname(path).toLowerCase() === '.ort' ? [path] : filesOf(await openModelFile(path), path);
  return { path, parts };
}
