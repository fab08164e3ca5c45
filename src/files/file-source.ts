import { closeSync, openSync, statSync } from 'node:fs';
import type { ByteSource } from '../bytes/byte-source.ts';
import { readRange } from './external-file.ts';

/**
 * The file at `path`, read piece by piece. For files that modelpress wrote or that the user named; those that a model
 * names are opened by `openExternalFile`.
 */
export function fileSource(path: string): ByteSource {
  const { size } = statSync(path);
  return {
    label: path,
    size,
    read(offset, length) {
      const descriptor = openSync(path, 'r');
      try {
        return readRange(descriptor, path, offset, length);
      } finally {
        closeSync(descriptor);
      }
    },
  };
}
