import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { ByteSource } from '../bytes/byte-source.ts';
import { fail, ModelpressError } from '../diagnostics/modelpress-error.ts';

/**
 * A source over a file that is read in pieces and held open only while a piece is read.
 *
 * @throws ModelpressError `data-unreadable` when the file cannot be opened or became shorter.
 */
export function fileSource(path: string): ByteSource {
  const size = readable(path, () => statSync(path).size);
  return {
    label: path,
    size,
    read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > size) {
        throw new RangeError(`${path}: bytes ${offset} to ${offset + length} lie outside its ${size} bytes`);
      }
      return readable(path, () => readRange(path, offset, length));
    },
  };
}

/** Largest file in bytes that is read whole, 2 GiB: Node's own limit. */
const WHOLE_LIMIT = 2 ** 31 - 1;

/**
 * All bytes of a file.
 *
 * @throws ModelpressError `data-unreadable`, also when the file is larger than 2 GiB.
 */
export function readWholeFile(path: string): Uint8Array {
  return readable(path, () => {
    const { size } = statSync(path);
    if (size > WHOLE_LIMIT) throw new Error(`it has ${size} bytes, and is read whole up to ${WHOLE_LIMIT}`);
    return readFileSync(path);
  });
}

/** A file under the name that it goes by. */
export interface NamedFile {
  readonly name: string;
  readonly path: string;
}

/** SHA-256 of one file's bytes, in hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    unreadable(path, cause);
  }
  return hash.digest('hex');
}

/**
 * SHA-256 of several files: of one file its own, of more the hash over their names and hashes in the order given.
 */
export async function hashFiles(files: readonly NamedFile[]): Promise<string> {
  if (files.length === 1) return await hashFile(files[0]!.path);
  const hash = createHash('sha256');
  for (const { name, path } of files) hash.update(`${await hashFile(path)}  ${name}\n`);
  return hash.digest('hex');
}

function readRange(path: string, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const descriptor = openSync(path, 'r');
  try {
    let done = 0;
    while (done < length) {
      const count = readSync(descriptor, bytes, done, length - done, offset + done);
      if (count === 0) throw new Error(`it ends at byte ${offset + done}`);
      done += count;
    }
  } finally {
    closeSync(descriptor);
  }
  return bytes;
}

/**
 * What `read` gives; an error of the file system becomes one that names the path.
 *
 * @throws ModelpressError `data-unreadable`.
 */
export function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof ModelpressError) throw cause;
    return unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): never {
  return fail(
    {
      code: 'data-unreadable',
      at: path,
      message: `the file cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'Check that the file exists, is not being written, and may be read.',
    },
    cause,
  );
}
