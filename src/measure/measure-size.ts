import { once } from 'node:events';
import { type BrotliCompress, constants, createBrotliCompress, createGzip, type Gzip } from 'node:zlib';
import { type ByteSource, bytesSource } from '../bytes/byte-source.ts';
import { piecesOf } from '../bytes/chunk-content.ts';

/** What a file weighs on disk and on the wire, in bytes. */
export interface SizeMeasurement {
  readonly raw: number;
  readonly gzip: number;
  readonly brotli: number;
  /** The compressed sizes of a part were estimated from a sample of it, because it is too large to compress. */
  readonly estimated?: true | undefined;
}

/** Above this many bytes brotli runs at a lower quality: at quality 9 it takes about a second for 10 MB. */
const BROTLI_FAST_FROM = 32 * 1024 * 1024;

/** Parts above this many bytes are compressed in samples: gzip takes about a second for 30 MB. */
export const SAMPLED_FROM = 2 ** 29;

/** Blocks that stand for such a part, spread evenly over it, and the length of one. */
const SAMPLED_BLOCKS = 64;
const BLOCK_BYTES = 2 ** 20;

/**
 * Sizes of the parts of an artifact (a model and its external data), added up: as they are, and as an HTTP server would
 * send them compressed with gzip (level 6) or brotli (quality 9; 5 for parts over 32 MB). Of a part above `sampledFrom`
 * bytes 64 MB are compressed, and the rest is taken to compress as well. No part is held as a whole.
 */
export async function measureSize(
  parts: readonly (Uint8Array | ByteSource)[],
  { sampledFrom = SAMPLED_FROM }: { readonly sampledFrom?: number } = {},
): Promise<SizeMeasurement> {
  const total = { raw: 0, gzip: 0, brotli: 0 };
  let estimated = false;
  for (const part of parts) {
    const source = part instanceof Uint8Array ? bytesSource('part', part) : part;
    const sampled = source.size > sampledFrom && source.size > SAMPLED_BLOCKS * BLOCK_BYTES;
    estimated ||= sampled;
    const scale = sampled ? source.size / (SAMPLED_BLOCKS * BLOCK_BYTES) : 1;
    const pieces = () => (sampled ? blocksOf(source) : piecesOf({ source, offset: 0, length: source.size }));
    const quality = source.size > BROTLI_FAST_FROM ? 5 : 9;
    const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: source.size };
    total.raw += source.size;
    total.gzip += Math.round(scale * (await compressedSize(createGzip({ level: 6 }), pieces())));
    total.brotli += Math.round(scale * (await compressedSize(createBrotliCompress({ params }), pieces())));
  }
  return estimated ? { ...total, estimated } : total;
}

function* blocksOf(source: ByteSource): Generator<Uint8Array, void, undefined> {
  for (let block = 0; block < SAMPLED_BLOCKS; block++) {
    yield source.read(Math.floor(((source.size - BLOCK_BYTES) * block) / (SAMPLED_BLOCKS - 1)), BLOCK_BYTES);
  }
}

/** Bytes that a compressor makes of the pieces; it is fed no faster than it takes them. */
async function compressedSize(compressor: Gzip | BrotliCompress, pieces: Iterable<Uint8Array>): Promise<number> {
  let size = 0;
  compressor.on('data', (chunk: Buffer) => {
    size += chunk.byteLength;
  });
  const ended = once(compressor, 'end');
  for (const piece of pieces) if (!compressor.write(piece)) await once(compressor, 'drain');
  compressor.end();
  await ended;
  return size;
}

/** Bytes of something compressed with brotli at a quality from 0 to 11. */
export function brotliSize(part: Uint8Array, quality: number): Promise<number> {
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: part.byteLength };
  return compressedSize(createBrotliCompress({ params }), [part]);
}
