import { closeSync, openSync, statSync } from 'node:fs';
import { bytesSource } from '../bytes/byte-source.ts';
import { MAX_MESSAGE_BYTES } from '../bytes/message-schema.ts';
import type { Reporter } from '../diagnostics/diagnostic.ts';
import { fail, ModelpressError } from '../diagnostics/modelpress-error.ts';
import type { Model } from '../ir/model.ts';
import { decodeModel } from '../onnx/decode-model.ts';
import { externalFilesOf, readRange } from './external-file.ts';

/**
 * Reads the ONNX model at `path`. The file is held in memory once and weights are views onto it; weights in files beside
 * it are read when something needs them, and those files must stay as they are until then.
 *
 * @throws ModelpressError `onnx-file-missing`, `onnx-not-a-file`, `onnx-file-unreadable`, `onnx-file-too-large`, and
 * those of `decodeModel` and `openExternalFile`.
 */
export async function openModelFile(path: string, options: { readonly report?: Reporter } = {}): Promise<Model> {
  const bytes = readWhole(path);
  return decodeModel(bytesSource(path, bytes), { external: externalFilesOf(path), report: options.report });
}

function readWhole(path: string): Uint8Array {
  let descriptor: number | undefined;
  try {
    const stats = statSync(path);
    if (!stats.isFile()) {
      fail({
        code: 'onnx-not-a-file',
        at: path,
        message: `${path} is ${stats.isDirectory() ? 'a folder' : 'no regular file'}; expected an ONNX file`,
        hint: 'Give the path of an .onnx file.',
      });
    }
    if (stats.size > MAX_MESSAGE_BYTES) {
      fail({
        code: 'onnx-file-too-large',
        at: path,
        message: `${path} has ${stats.size} bytes; an ONNX file has at most ${MAX_MESSAGE_BYTES}`,
        hint: 'Export the model with external data.',
      });
    }
    descriptor = openSync(path, 'r');
    return readRange(descriptor, path, 0, stats.size);
  } catch (cause) {
    if (cause instanceof ModelpressError) throw cause;
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    return fail(
      {
        code: missing ? 'onnx-file-missing' : 'onnx-file-unreadable',
        at: path,
        message: missing
          ? `there is no file ${path}`
          : `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
        hint: missing ? 'Check the path.' : 'Check that the file may be read.',
      },
      cause,
    );
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
