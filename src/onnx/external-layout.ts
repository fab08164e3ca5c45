import { type Chunk, chunkBytes } from '../bytes/byte-source.ts';
import { equalBytes } from '../bytes/equal-bytes.ts';
import { type Tensor, tensorByteLength } from '../ir/tensor.ts';
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
 * Lays tensors out in a data file in the order in which they are placed; equal bytes are stored once.
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
    const chunk = chunkOf(tensor);
    if (chunk === undefined || length < threshold || length === 0) return undefined;
    const key = `${length}:${hash(chunkBytes(chunk))}`;
    const alike = byContent.get(key) ?? [];
    const stored = alike.find((candidate) => equalBytes(chunkBytes(candidate.chunk), chunkBytes(chunk)));
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

function chunkOf({ storage }: Tensor): Chunk | undefined {
  if (storage.kind === 'strings') return undefined;
  return storage.kind === 'bytes' ? storage.bytes : storage;
}

/** Most bytes that a hash looks at. It only narrows down what is then compared. */
const HASHED_BYTES = 2 ** 16;

/** FNV-1a, 32 bits, over bytes spread evenly. */
function hash(bytes: Uint8Array): number {
  const step = Math.max(1, Math.floor(bytes.length / HASHED_BYTES));
  let value = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i += step) value = Math.imul(value ^ bytes[i]!, 0x01000193);
  return value >>> 0;
}
