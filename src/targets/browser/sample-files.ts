import { type Tensor, tensorBytes, toStrings } from '../../ir/tensor.ts';
import type { ArtifactFile } from '../artifact-files.ts';

/** Every input's bytes begin at a multiple of this, so that any typed array can stand on them. */
const ALIGNMENT = 8;

/** One sample as `sample.json`, which says where each input lies, and `sample.bin`, which holds their bytes. */
export function sampleFiles(feed: ReadonlyMap<string, Tensor>): readonly ArtifactFile[] {
  const parts: Uint8Array[] = [];
  let offset = 0;
  const inputs = Array.from(feed, ([name, tensor]) => {
    const { dtype: type, dims } = tensor;
    if (type === 'string') return { name, type, dims, offset: 0, bytes: 0, strings: toStrings(tensor) };
    const bytes = tensorBytes(tensor);
    const padding = -bytes.byteLength & (ALIGNMENT - 1);
    parts.push(bytes, new Uint8Array(padding));
    const input = { name, type, dims, offset, bytes: bytes.byteLength };
    offset += bytes.byteLength + padding;
    return input;
  });
  return [
    { path: 'sample.json', bytes: Buffer.from(`${JSON.stringify({ inputs })}\n`) },
    { path: 'sample.bin', bytes: Buffer.concat(parts) },
  ];
}
