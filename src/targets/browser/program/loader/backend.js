import { openLiteRt } from './litert-backend.js';
import { openOnnx } from './onnx-backend.js';
import { openTfjs } from './tfjs-backend.js';

/** @import { Tensor } from './tensor.js' */

/**
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
 * A model in a runtime. Feeds hold every input in the type and a shape that the manifest names; results every output.
 * @typedef {object} Opened
 * @property {(feeds: Readonly<Record<string, Tensor>>) => Promise<Record<string, Tensor>>} run
 */

/**
 * How each runtime opens a model. The thread that it is opened in is ended to free it.
 *
 * @type {Readonly<Record<string, (request: BackendRequest) => Promise<Opened>>>}
 */
export const BACKENDS = {
  'onnxruntime-web': openOnnx,
  litert: openLiteRt,
  tfjs: openTfjs,
};
