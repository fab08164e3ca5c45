import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Chunk, chunkLength } from '../bytes/byte-source.ts';
import { fail, ModelpressError } from '../diagnostics/modelpress-error.ts';

/**
 * Most bytes that are written at once: little enough to hold what is copied from another file, enough to be fast, and
 * far below the 2 GB that the system takes.
 */
const PIECE_BYTES = 16 * 2 ** 20;

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

function* piecesOf(chunk: Chunk): Generator<Uint8Array, void, undefined> {
  const length = chunkLength(chunk);
  for (let at = 0; at < length; at += PIECE_BYTES) {
    const size = Math.min(PIECE_BYTES, length - at);
    yield chunk instanceof Uint8Array ? chunk.subarray(at, at + size) : chunk.source.read(chunk.offset + at, size);
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.byteLength; ) done += writeSync(descriptor, bytes, done);
}
