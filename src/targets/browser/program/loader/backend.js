import { openOnnx } from './onnx-backend.js';

/**
 * A tensor as it crosses to and from the runtime: float16 as bit patterns, bool as 0 and 1.
 *
 * @typedef {Float32Array | Float64Array | Uint16Array | Int8Array | Int16Array | Int32Array | BigInt64Array | Uint8Array
 *   | Uint32Array | BigUint64Array | string[]} Elements
 * @typedef {{ readonly type: string, readonly dims: readonly number[], readonly data: Elements }} Tensor
 *
 * What a backend opens a model from: the bytes of a candidate's files and of its runtime's, under their paths in the
 * manifest, and addresses for what has to be imported.
 * @typedef {object} BackendRequest
 * @property {string} file the model file to open
 * @property {readonly string[]} files all that belong to it
 * @property {Readonly<Record<string, string>>} config
 * @property {number} threads 0 leaves it to the runtime
 * @property {Readonly<Record<string, string>>} urls by path
 * @property {(path: string) => Promise<Uint8Array<ArrayBuffer>>} fetchFile verified
 *
 * A model in a runtime.
 * @typedef {object} Opened
 * @property {readonly { readonly name: string, readonly type: string, readonly shape: readonly (number | string | null)[] }[]} inputs
 * @property {readonly string[]} outputs
 * @property {(feeds: Readonly<Record<string, Tensor>>) => Promise<Record<string, Tensor>>} run
 */

/**
 * How each runtime opens a model. The thread that it is opened in is ended to free it.
 *
 * @type {Readonly<Record<string, (request: BackendRequest) => Promise<Opened>>>}
 */
export const BACKENDS = {
  'onnxruntime-web': openOnnx,
};
