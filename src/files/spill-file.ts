import { closeSync, openSync, writeSync } from 'node:fs';
import type { ByteSource } from '../bytes/byte-source.ts';
import { piecesOf } from '../bytes/chunk-content.ts';
import type { Tensor } from '../ir/tensor.ts';
import { readRange } from './external-file.ts';
import { unwritable } from './write-file-atomically.ts';

/** Tensors with at least so many bytes are put into the file; smaller ones are not worth a read each. */
const SPILLED_FROM = 2 ** 16;

/** A file that takes the bytes of tensors as they are made, so that the weights of a large model are never held together. */
export interface SpillFile {
  /** A tensor equal to the one given, its bytes in the file; small ones, and those that lie in a file already, as they are. */
  readonly keep: (tensor: Tensor) => Tensor;
  /** Where the bytes are read from; grows with every tensor that is kept. */
  readonly source: ByteSource;
  /** Ends it: tensors that were kept cannot be read any more. The file is left for whoever owns its folder to remove. */
  readonly close: () => void;
}

/**
 * Makes an empty file at `path` that must not be there yet.
 *
 * @throws ModelpressError `files-unwritable`, also of `keep` where the disk is full.
 */
export function openSpillFile(path: string, options: { readonly from?: number } = {}): SpillFile {
  const { from = SPILLED_FROM } = options;
  let size = 0;
  const descriptor = attempt(path, () => openSync(path, 'wx+', 0o600));
  const source: ByteSource = {
    label: path,
    get size() {
      return size;
    },
    read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > size) {
        throw new RangeError(`${path}: bytes ${offset} to ${offset + length} lie outside its ${size} bytes`);
      }
      return readRange(descriptor, path, offset, length);
    },
  };
  // Copies of a model share its tensors, and each adds them anew.
  const taken = new WeakMap<Tensor, Tensor>();
  const keep = (tensor: Tensor): Tensor => {
    const { storage } = tensor;
    if (storage.kind !== 'bytes' || storage.bytes.byteLength < from) return tensor;
    const known = taken.get(tensor);
    if (known !== undefined) return known;
    const offset = size;
    let end = offset;
    attempt(path, () => {
      for (const piece of piecesOf(storage.bytes)) {
        for (let done = 0; done < piece.byteLength; ) {
          done += writeSync(descriptor, piece, done, piece.byteLength - done, end + done);
        }
        end += piece.byteLength;
      }
    });
    size = end;
    const kept: Tensor = { ...tensor, storage: { kind: 'slice', source, offset, length: storage.bytes.byteLength } };
    taken.set(tensor, kept);
    return kept;
  };
  return { keep, source, close: () => closeSync(descriptor) };
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    return unwritable(path, cause);
  }
}
