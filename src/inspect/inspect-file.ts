import { statSync } from 'node:fs';
import { changeInterface } from '../compile/interface/change-interface.ts';
import { filesOf, modelNameOf } from '../compile/model-identity.ts';
import { resolveOptions } from '../compile/optimize-options.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { openModelFile } from '../files/open-model-file.ts';
import { type InspectOptions, inspectModel } from './inspect-model.ts';
import type { Inspection } from './inspection.ts';

/** What to describe a file as, and how its open sizes are fixed. */
export interface InspectFileOptions extends Pick<InspectOptions, 'bind' | 'device'> {
  /** As of `optimize`: whole shapes of inputs by name. */
  readonly fixShape?: Readonly<Record<string, readonly number[]>>;
  /** As of `optimize`: numbers of inputs that are constants. */
  readonly fixValue?: Readonly<Record<string, readonly number[]>>;
}

/**
 * Describes the ONNX model at `path`; see `inspectModel`.
 *
 * @throws ModelpressError those of `openModelFile`, `changeInterface` and `inspectModel`.
 */
export async function inspectFile(
  path: string,
  { fixShape = {}, fixValue = {}, ...options }: InspectFileOptions = {},
): Promise<Inspection> {
  const diagnostics: Diagnostic[] = [];
  const given = await openModelFile(path, { report: (found) => diagnostics.push(found) });
  const model = changeInterface(given, { ...resolveOptions({}), fixShape, fixValue });
  const paths = filesOf(given, path);
  const bytes = paths.reduce((sum, file) => sum + statSync(file).size, 0);
  return inspectModel(model, { ...options, name: modelNameOf(path), files: { paths, bytes }, diagnostics });
}
