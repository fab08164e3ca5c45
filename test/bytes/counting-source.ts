import type { ByteSource } from '../../src/bytes/byte-source.ts';

/** What has been read of a source. */
export interface ReadCounts {
  reads: number;
  bytes: number;
  /** The most that was read at once. */
  largest: number;
}

/** A source that counts what is read of it. */
export function countingSource(source: ByteSource): { readonly source: ByteSource; readonly counts: ReadCounts } {
  const counts: ReadCounts = { reads: 0, bytes: 0, largest: 0 };
  const counted: ByteSource = {
    label: source.label,
    size: source.size,
    read(offset, length) {
      counts.reads++;
      counts.bytes += length;
      counts.largest = Math.max(counts.largest, length);
      return source.read(offset, length);
    },
  };
  return { source: counted, counts };
}
