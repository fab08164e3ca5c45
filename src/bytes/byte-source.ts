/**
 * A run of bytes that can be read in pieces: a file, a buffer, a Blob that a browser holds.
 *
 * Weights stay behind a source until something needs their values, so that a model of several gigabytes can be read,
 * changed and written without being held.
 */
export interface ByteSource {
  /** What to call it in a message: a path or a name. */
  readonly label: string;
  /** Total length in bytes. */
  readonly size: number;
  /**
   * The bytes from `offset` on, exactly `length` of them. May be a view, which the caller must not write to.
   *
   * @throws RangeError when the range does not lie inside the source.
   */
  read(offset: number, length: number): Uint8Array;
}

/** A source over bytes in memory; reads are views. */
export function bytesSource(label: string, bytes: Uint8Array): ByteSource {
  return {
    label,
    size: bytes.byteLength,
    read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > bytes.byteLength) {
        throw new RangeError(
          `${label}: bytes ${offset} to ${offset + length} lie outside its ${bytes.byteLength} bytes`,
        );
      }
      return bytes.subarray(offset, offset + length);
    },
  };
}
