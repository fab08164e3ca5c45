import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync, type Stats } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { ByteSource } from '../bytes/byte-source.ts';
import { fail, ModelpressError } from '../diagnostics/modelpress-error.ts';

/** Most bytes that are read at once, below the 2 GB that the system takes. */
const PIECE_BYTES = 2 ** 30;

/**
 * Opens a file of external data below a model's folder, by the rules that the attacks on record ask for: nothing on the
 * way to it is a link, the file is a regular one with a single name, its real path lies below the real folder, and it is
 * still the same file whenever a piece is read.
 *
 * `location` must have passed `checkLocation`.
 *
 * @throws ModelpressError `onnx-external-data-missing`, `onnx-external-data-escapes`, `onnx-external-data-unreadable`;
 * reading throws `onnx-external-data-changed` when another file stands there by then.
 */
export function openExternalFile(folder: string, location: string): ByteSource {
  const path = join(folder, location);
  refuseLinks(folder, location);
  const opened = withFile(path, location, (descriptor) => fstatSync(descriptor));
  if (!opened.isFile()) escapes(location, 'it is not a regular file');
  if (opened.nlink > 1) escapes(location, `it has ${opened.nlink} names (hard links)`);
  const inside = relative(realpathSync(folder), realpathSync(path));
  if (inside !== location.split('/').join(sep)) escapes(location, 'its real path is another');
  return {
    label: path,
    size: opened.size,
    read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > opened.size) {
        throw new RangeError(`${path}: bytes ${offset} to ${offset + length} lie outside its ${opened.size} bytes`);
      }
      return withFile(path, location, (descriptor) => {
        if (!sameFile(opened, fstatSync(descriptor))) changed(path);
        return readRange(descriptor, path, offset, length);
      });
    },
  };
}

/** How to open the external data of the model file at `path`. */
export function externalFilesOf(path: string): (location: string) => ByteSource {
  return (location) => openExternalFile(dirname(path), location);
}

/** The bytes of an open file from `offset` on. @throws ModelpressError `onnx-external-data-changed` when it ends before. */
export function readRange(descriptor: number, path: string, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const count = readSync(descriptor, bytes, done, Math.min(length - done, PIECE_BYTES), offset + done);
    if (count === 0) changed(path);
    done += count;
  }
  return bytes;
}

function refuseLinks(folder: string, location: string): void {
  let at = folder;
  for (const part of location.split('/')) {
    at = join(at, part);
    const stats = lstatSync(at, { throwIfNoEntry: false });
    if (stats === undefined) missing(location, folder);
    if (stats.isSymbolicLink()) escapes(location, `'${relative(folder, at)}' is a symbolic link`);
  }
}

function withFile<T>(path: string, location: string, use: (descriptor: number) => T): T {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    return use(descriptor);
  } catch (cause) {
    if (cause instanceof ModelpressError) throw cause;
    return fail(
      {
        code: 'onnx-external-data-unreadable',
        at: path,
        message: `the model's data file '${location}' cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
        hint: 'Check that the file may be read.',
      },
      cause,
    );
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function sameFile(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.dev === b.dev && a.size === b.size && a.mtimeMs === b.mtimeMs;
}

function missing(location: string, folder: string): never {
  fail({
    code: 'onnx-external-data-missing',
    at: location,
    message: `the model keeps weights in '${location}', which is not in ${folder}`,
    hint: 'Put the data file beside the model under that name.',
  });
}

function escapes(location: string, what: string): never {
  fail({
    code: 'onnx-external-data-escapes',
    at: location,
    message: `the model's data file '${location}' is not followed: ${what}`,
    hint: "Put a plain copy of the data file into the model's folder, if you trust it.",
  });
}

function changed(path: string): never {
  fail({
    code: 'onnx-external-data-changed',
    at: path,
    message: `${path} changed while the model was in use`,
    hint: 'Run again when nothing writes to the file.',
  });
}
