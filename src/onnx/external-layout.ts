import type { Chunk } from '../bytes/byte-source.ts';
import { equalChunks, fingerprint } from '../bytes/chunk-content.ts';
import { tensorByteLength, tensorChunk } from '../ir/tensor.ts';
import type { PlaceTensor } from './encode-tensor.ts';

/** How weights are put into a file beside the model. */
export interface ExternalDataOptions {
  /** Name of the file, relative to the model's folder. */
  readonly location: string;
  /** Tensors with at least so many bytes go outside. Default 1024, as the ONNX library has it. */
  readonly threshold?: number;
  /** Offsets are multiples of it, in bytes. Default 4096, one page, so that each tensor can be mapped. */
  readonly align?: number;
}

/** The contents of a data file. */
export interface DataFile {
  readonly location: string;
  readonly chunks: readonly Chunk[];
  readonly byteLength: number;
}

const DEFAULT_THRESHOLD = 1024;
const DEFAULT_ALIGN = 4096;

/**
 * Lays tensors out in a data file in the order in which they are placed; equal bytes are stored once. What lies behind a
 * source is looked at in pieces, and only where it may be equal.
 */
export function externalLayout(options: ExternalDataOptions): {
  readonly place: PlaceTensor;
  readonly file: () => DataFile;
} {
  const { location, threshold = DEFAULT_THRESHOLD, align = DEFAULT_ALIGN } = options;
  const chunks: Chunk[] = [];
  const byContent = new Map<string, { readonly chunk: Chunk; readonly offset: number }[]>();
  let end = 0;
  const place: PlaceTensor = (tensor) => {
    const length = tensorByteLength(tensor);
    const chunk = tensorChunk(tensor);
    if (chunk === undefined || length < threshold || length === 0) return undefined;
    const key = `${length}:${fingerprint(chunk)}`;
    const alike = byContent.get(key) ?? [];
    const stored = alike.find((candidate) => equalChunks(candidate.chunk, chunk));
    if (stored !== undefined) return { location, offset: stored.offset, length };
    const padding = (align - (end % align)) % align;
    if (padding > 0) chunks.push(new Uint8Array(padding));
    const offset = end + padding;
    chunks.push(chunk);
    byContent.set(key, [...alike, { chunk, offset }]);
    end = offset + length;
    return { location, offset, length };
  };
  return { place, file: () => ({ location, chunks, byteLength: end }) };
}
