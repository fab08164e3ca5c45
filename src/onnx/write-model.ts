import { joinChunks } from '../bytes/byte-source.ts';
import { MAX_MESSAGE_BYTES } from '../bytes/message-schema.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { Model } from '../ir/model.ts';
import { type EncodeOptions, encodeModel } from './encode-model.ts';

/**
 * A model with its weights as the bytes of one file. See `encodeModel`.
 *
 * @throws ModelpressError `onnx-too-large` above protobuf's 2,147,483,647 bytes.
 */
export function writeModel(model: Model, options: Pick<EncodeOptions, 'debugInfo'> = {}): Uint8Array {
  const { chunks, data } = encodeModel(model, { ...options, limit: MAX_MESSAGE_BYTES });
  if (data === undefined) return joinChunks(chunks);
  return fail({
    code: 'onnx-too-large',
    at: model.graph.name,
    message: `the model's weights take ${data.byteLength} bytes, too many for one file`,
    hint: 'Save it with external data.',
  });
}
