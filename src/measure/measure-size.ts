import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** What a file weighs on disk and on the wire, in bytes. */
export interface SizeMeasurement {
  readonly raw: number;
  readonly gzip: number;
  readonly brotli: number;
}

/** Above this many bytes brotli runs at a lower quality: at quality 9 it takes about a second for 10 MB. */
const BROTLI_FAST_FROM = 32 * 1024 * 1024;

/**
 * Sizes of the parts of an artifact (a model and its external data), added up: as they are, and as an HTTP server would
 * send them compressed with gzip (level 6) or brotli (quality 9; 5 for parts over 32 MB).
 */
export async function measureSize(parts: readonly Uint8Array[]): Promise<SizeMeasurement> {
  const total = { raw: 0, gzip: 0, brotli: 0 };
  for (const part of parts) {
    total.raw += part.byteLength;
    total.gzip += (await promisify(gzip)(part, { level: 6 })).byteLength;
    const quality = part.byteLength > BROTLI_FAST_FROM ? 5 : 9;
    const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: part.byteLength };
    total.brotli += (await promisify(brotliCompress)(part, { params })).byteLength;
  }
  return total;
}
