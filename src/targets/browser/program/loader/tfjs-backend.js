/** @import * as Core from '@tensorflow/tfjs-core' */
/** @import * as Converter from '@tensorflow/tfjs-converter' */
/** @import * as Wasm from '@tensorflow/tfjs-backend-wasm' */
/** @import { BackendRequest, Opened } from './backend.js' */
/** @import { Elements, Tensor } from './tensor.js' */

/** @typedef {typeof Core & typeof Converter & { readonly wasm: typeof Wasm }} Tf */
/** @typedef {{ readonly name: string, readonly dtype: string, readonly tensorShape: { readonly dim?: readonly { readonly size: string }[] } }} Port */
/**
 * @typedef {object} GraphModelJson
 * @property {'graph-model'} format
 * @property {object} modelTopology
 * @property {{ readonly inputs: Record<string, Port>, readonly outputs: Record<string, Port> }} signature
 * @property {readonly { readonly paths: readonly string[], readonly weights: Core.io.WeightsManifestEntry[] }[]} weightsManifest
 */

/** The runtime's scripts, each of which adds to the global `tf`, in an order in which they load; and its wasm. */
const SCRIPTS = {
  core: 'runtime/tf-core.es2017.min.js',
  converter: 'runtime/tf-converter.es2017.min.js',
  backend: 'runtime/tf-backend-wasm.es2017.min.js',
};
const WASM = { one: 'tfjs-backend-wasm-simd.wasm', many: 'tfjs-backend-wasm-threaded-simd.wasm' };

/** How the element types of a signature are named here, and how their elements are held in results. */
const TYPES =
  /** @type {Readonly<Record<string, { readonly name: string, readonly hold: (values: Held) => Elements }>>} */ ({
    DT_FLOAT: { name: 'float32', hold: (values) => Float32Array.from(values) },
    DT_INT8: { name: 'int8', hold: (values) => Int8Array.from(values) },
    DT_INT16: { name: 'int16', hold: (values) => Int16Array.from(values) },
    DT_INT32: { name: 'int32', hold: (values) => Int32Array.from(values) },
    DT_INT64: { name: 'int64', hold: (values) => BigInt64Array.from(values, BigInt) },
    DT_UINT8: { name: 'uint8', hold: (values) => Uint8Array.from(values) },
    DT_BOOL: { name: 'bool', hold: (values) => Uint8Array.from(values) },
  });

/** @typedef {Float32Array | Int32Array | Uint8Array} Held */

/**
 * Opens a graph model in TensorFlow.js, on the processor.
 *
 * @param {BackendRequest} request
 * @returns {Promise<Opened>}
 */
export async function openTfjs({ file, threads, urls, fetchFile }) {
  const [tf, json] = await Promise.all([startRuntime(threads, urls, fetchFile), fetchFile(file)]);
  const { format, modelTopology, signature, weightsManifest } = /** @type {GraphModelJson} */ (
    JSON.parse(new TextDecoder().decode(json))
  );
  const shards = await Promise.all(weightsManifest.flatMap(({ paths }) => paths.map(fetchFile)));
  const weightData = await new Blob(shards).arrayBuffer();
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  const artifacts = /** @type {Core.io.ModelArtifacts} */ (
    /** @type {unknown} */ ({ format, modelTopology, signature, weightSpecs, weightData })
  );
  const model = await tf.loadGraphModel({ load: async () => artifacts });
  const outputs = Object.keys(signature.outputs);
  return {
    run: async (feeds) => {
      tf.engine().startScope();
      try {
        /** @type {Core.NamedTensorMap} */
        const given = {};
        for (const [name, feed] of Object.entries(feeds)) given[name] = toTensor(tf, name, feed);
        const results = model.execute(given, outputs);
        const list = Array.isArray(results) ? results : [results];
        return Object.fromEntries(outputs.map((name, i) => [name, fromTensor(list[i], signature.outputs[name])]));
      } finally {
        tf.engine().endScope();
      }
    },
  };
}

/**
 * @param {number} threads
 * @param {BackendRequest['urls']} urls
 * @param {BackendRequest['fetchFile']} fetchFile
 */
async function startRuntime(threads, urls, fetchFile) {
  await importScript(urls, SCRIPTS.core);
  await Promise.all([importScript(urls, SCRIPTS.converter), importScript(urls, SCRIPTS.backend)]);
  const { tf } = /** @type {typeof globalThis & { tf: Tf }} */ (globalThis);
  if (threads === 1) tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  else if (threads > 1) tf.wasm.setThreadsCount(threads);
  const many = await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT');
  const binary = new Blob([await fetchFile(`runtime/${many ? WASM.many : WASM.one}`)], { type: 'application/wasm' });
  const url = URL.createObjectURL(binary);
  // It wants an address for each build, of which it loads the one that was fetched. Without the vector instructions that
  // this one needs it does not start, and the loader goes on to the next candidate.
  tf.wasm.setWasmPaths({ [WASM.one]: url, [WASM.many]: url, 'tfjs-backend-wasm.wasm': url });
  if (!(await tf.setBackend('wasm'))) throw new Error('the wasm backend of TensorFlow.js did not start');
  return tf;
}

/**
 * @param {BackendRequest['urls']} urls
 * @param {string} path
 * @returns {Promise<unknown>}
 */
function importScript(urls, path) {
  return import(/* @vite-ignore */ /* webpackIgnore: true */ urls[path] ?? '');
}

/** @param {string | undefined} dtype */
function typeOf(dtype) {
  const type = TYPES[dtype ?? ''];
  if (type === undefined) throw new Error(`the model has a tensor of type ${dtype}, which is not known here`);
  return type;
}

/**
 * A tensor as the runtime holds it: integers of every width in 32 bits.
 *
 * @param {Tf} tf
 * @param {string} name
 * @param {Tensor} feed
 */
function toTensor(tf, name, { type, data, dims }) {
  const shape = [...dims];
  if (type === 'float32' || type === 'bool') return tf.tensor(/** @type {Float32Array} */ (data), shape, type);
  const values = Int32Array.from(/** @type {ArrayLike<number>} */ (data), Number);
  if (data instanceof BigInt64Array && data.some((value, i) => value !== BigInt(values[i] ?? 0))) {
    throw new Error(`input '${name}' holds an integer that does not fit the 32 bits of TensorFlow.js's integers`);
  }
  return tf.tensor(values, shape, 'int32');
}

/**
 * @param {Core.Tensor | undefined} tensor
 * @param {Port | undefined} port
 * @returns {Tensor}
 */
function fromTensor(tensor, port) {
  if (tensor === undefined) throw new Error('an output is missing');
  const { name, hold } = typeOf(port?.dtype);
  return { type: name, dims: tensor.shape, data: hold(/** @type {Held} */ (tensor.dataSync())) };
}
