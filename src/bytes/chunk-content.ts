import { type Chunk, chunkBytes, chunkLength, partOfChunk } from './byte-source.ts';
import { equalBytes } from './equal-bytes.ts';

/** Most bytes of a chunk that are read from its source at once where it is gone through piece by piece. */
export const PIECE_BYTES = 4 * 2 ** 20;

/** Runs of bytes that a fingerprint looks at, spread evenly over a chunk, and the length of one. */
const SAMPLED_RUNS = 16;
const RUN_BYTES = 64;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The bytes of a chunk, one piece after the other. A chunk that lies behind a source is never held as a whole. */
export function* piecesOf(chunk: Chunk, pieceBytes: number = PIECE_BYTES): Generator<Uint8Array, void, undefined> {
  const length = chunkLength(chunk);
  for (let at = 0; at < length; at += pieceBytes) yield partOf(chunk, at, Math.min(pieceBytes, length - at));
}

/** Whether two chunks hold the same bytes. Reads no further than to the first piece that differs. */
export function equalChunks(a: Chunk, b: Chunk): boolean {
  const length = chunkLength(a);
  if (length !== chunkLength(b)) return false;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return equalBytes(a, b);
  if (isSameRange(a, b)) return true;
  for (let at = 0; at < length; at += PIECE_BYTES) {
    const size = Math.min(PIECE_BYTES, length - at);
    if (!equalBytes(partOf(a, at, size), partOf(b, at, size))) return false;
  }
  return true;
}

/**
 * A number that is the same for equal chunks and nearly always another for different ones: FNV-1a (Fowler, Noll and Vo),
 * 32 bits, over at most 1 kB of them. It only narrows down what is then compared.
 */
export function fingerprint(chunk: Chunk, start: number = FNV_OFFSET): number {
  const length = chunkLength(chunk);
  if (length <= SAMPLED_RUNS * RUN_BYTES) return hash(partOf(chunk, 0, length), start);
  let value = start;
  for (let run = 0; run < SAMPLED_RUNS; run++) {
    const at = Math.floor(((length - RUN_BYTES) * run) / (SAMPLED_RUNS - 1));
    value = hash(partOf(chunk, at, RUN_BYTES), value);
  }
  return value;
}

function isSameRange(a: Chunk, b: Chunk): boolean {
  if (a instanceof Uint8Array || b instanceof Uint8Array) return false;
  return a.source === b.source && a.offset === b.offset;
}

function partOf(chunk: Chunk, at: number, length: number): Uint8Array {
  return chunkBytes(partOfChunk(chunk, at, length));
}

function hash(bytes: Uint8Array, start: number): number {
  let value = start;
  for (let i = 0; i < bytes.length; i++) value = Math.imul(value ^ bytes[i]!, FNV_PRIME);
  return value >>> 0;
}
