import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Chunk } from '../bytes/byte-source.ts';
import { piecesOf } from '../bytes/chunk-content.ts';
import { fail, ModelpressError } from '../diagnostics/modelpress-error.ts';

/**
 * Writes chunks as a file: into a temporary sibling that is renamed when it is complete, so that `path` holds either what
 * it held or all of the chunks. Makes the folder where there is none.
 *
 * @throws ModelpressError `files-unwritable`.
 */
export function writeFileAtomically(path: string, chunks: readonly Chunk[]): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.partial`);
  let made: string | undefined;
  try {
    made = mkdirSync(dirname(path), { recursive: true });
    // A process of this number that died may have left one.
    rmSync(temporary, { force: true });
    const descriptor = openSync(temporary, 'wx');
    try {
      for (const chunk of chunks) for (const piece of piecesOf(chunk)) writeAll(descriptor, piece);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (cause) {
    if (existsSync(temporary)) rmSync(temporary);
    if (made !== undefined) rmSync(made, { recursive: true });
    unwritable(path, cause);
  }
}

export function unwritable(path: string, cause: unknown): never {
  if (cause instanceof ModelpressError) throw cause;
  fail(
    {
      code: 'files-unwritable',
      at: path,
      message: `${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'Choose a place that may be written to and has room.',
    },
    cause,
  );
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.byteLength; ) done += writeSync(descriptor, bytes, done);
}
