import { bytesSource } from '../bytes/byte-source.ts';
import type { Model } from '../ir/model.ts';
import { type DecodeOptions, decodeModel } from './decode-model.ts';

/** Reads a model from bytes in memory, which it shares. See `decodeModel`. */
export function readModel(bytes: Uint8Array, options: DecodeOptions & { readonly label?: string } = {}): Model {
  return decodeModel(bytesSource(options.label ?? 'model', bytes), options);
}
