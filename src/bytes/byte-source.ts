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

/** A range of a source that has not been read yet. */
export interface ByteRange {
  readonly source: ByteSource;
  readonly offset: number;
  readonly length: number;
}

/** A piece of something that is to be written: bytes, or a range to copy from its source. */
export type Chunk = Uint8Array | ByteRange;

export function chunkLength(chunk: Chunk): number {
  return chunk instanceof Uint8Array ? chunk.byteLength : chunk.length;
}

/** The bytes of a chunk, read from its source where they have not been yet. Not to be written to. */
export function chunkBytes(chunk: Chunk): Uint8Array {
  return chunk instanceof Uint8Array ? chunk : chunk.source.read(chunk.offset, chunk.length);
}

/** All chunks one after the other. A single chunk of bytes is returned as it is. */
export function joinChunks(chunks: readonly Chunk[]): Uint8Array {
  if (chunks.length === 1) return chunkBytes(chunks[0]!);
  const joined = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunkLength(chunk), 0));
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunkBytes(chunk), at);
    at += chunkLength(chunk);
  }
  return joined;
}

/** A source over chunks one after the other, which are read as they are asked for. */
export function chunksSource(label: string, chunks: readonly Chunk[]): ByteSource {
  const size = chunks.reduce((sum, chunk) => sum + chunkLength(chunk), 0);
  return {
    label,
    size,
    read(offset, length) {
      const parts: Chunk[] = [];
      let start = 0;
      for (const chunk of chunks) {
        const end = start + chunkLength(chunk);
        const from = Math.max(start, offset);
        const to = Math.min(end, offset + length);
        if (from < to) parts.push(partOfChunk(chunk, from - start, to - from));
        start = end;
      }
      const bytes = joinChunks(parts);
      if (bytes.byteLength !== length) {
        throw new RangeError(`${label}: bytes ${offset} to ${offset + length} lie outside its ${size} bytes`);
      }
      return bytes;
    },
  };
}

/** A part of a chunk, which shares its bytes. */
export function partOfChunk(chunk: Chunk, at: number, length: number): Chunk {
  if (chunk instanceof Uint8Array) return chunk.subarray(at, at + length);
  return { source: chunk.source, offset: chunk.offset + at, length };
}
