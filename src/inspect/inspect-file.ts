import { statSync } from 'node:fs';
import { filesOf, modelNameOf } from '../compile/model-identity.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { openModelFile } from '../files/open-model-file.ts';
import { type InspectOptions, inspectModel } from './inspect-model.ts';
import type { Inspection } from './inspection.ts';

/**
 * Describes the ONNX model at `path`; see `inspectModel`.
 *
 * @throws ModelpressError those of `openModelFile` and `inspectModel`.
 */
export async function inspectFile(
  path: string,
  options: Pick<InspectOptions, 'bind' | 'device'> = {},
): Promise<Inspection> {
  const diagnostics: Diagnostic[] = [];
  const model = await openModelFile(path, { report: (found) => diagnostics.push(found) });
  const paths = filesOf(model, path);
  const bytes = paths.reduce((sum, file) => sum + statSync(file).size, 0);
  return inspectModel(model, { ...options, name: modelNameOf(path), files: { paths, bytes }, diagnostics });
}
