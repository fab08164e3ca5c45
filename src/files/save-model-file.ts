import { basename, dirname, join } from 'node:path';
import type { Model } from '../ir/model.ts';
import { encodeModel } from '../onnx/encode-model.ts';
import type { ExternalDataOptions } from '../onnx/external-layout.ts';
import { writeFileAtomically } from './write-file-atomically.ts';

export interface SaveOptions {
  /** Puts weights into `<name>.data` beside the model. Without it that happens only near 2 GB. */
  readonly external?: boolean | Omit<ExternalDataOptions, 'location'>;
  /** See `EncodeOptions.limit`. */
  readonly limit?: number;
  /** See `EncodeOptions.debugInfo`. */
  readonly debugInfo?: boolean;
}

/**
 * Writes a model to `path`, and its weights beside it where asked for or needed; the model is renamed into place last.
 * A model that still reads external data from the very file that is replaced is copied from it before the change and
 * cannot be read from afterwards.
 *
 * @returns the paths of the files written, the model's first.
 * @throws ModelpressError `files-unwritable`, and those of `encodeModel`.
 */
export async function saveModelFile(model: Model, path: string, options: SaveOptions = {}): Promise<readonly string[]> {
  const location = `${basename(path)}.data`;
  const { limit, debugInfo } = options;
  const asked = options.external === true ? {} : options.external || undefined;
  const external = asked && { ...asked, location };
  const { chunks, data } = encodeModel(model, { limit, location, external, debugInfo });
  if (data === undefined) {
    writeFileAtomically(path, chunks);
    return [path];
  }
  const dataPath = join(dirname(path), location);
  writeFileAtomically(dataPath, data.chunks);
  writeFileAtomically(path, chunks);
  return [path, dataPath];
}
