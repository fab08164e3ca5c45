// Runs TensorFlow.js graph models in a thread of its own, in the wasm backend, or in TensorFlow's library where
// @tensorflow/tfjs-node is installed. Started by tfjs-host.ts; it answers each request with one message of the same number.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parentPort } from 'node:worker_threads';

/**
 * @typedef {'wasm' | 'cpu' | 'tensorflow'} Backend
 * @typedef {{ dtype: 'float32' | 'int32' | 'bool', dims: readonly number[], data: Float32Array | Int32Array | Uint8Array }} WireTensor
 * @typedef {{ id: number, kind: 'load', model: number, artifacts: Artifacts, backend: Backend | undefined }} LoadRequest
 * @typedef {{ id: number, kind: 'run', model: number, feeds: Record<string, WireTensor>, wanted: string[], times: number }} RunRequest
 * @typedef {{ id: number, kind: 'close', model: number }} CloseRequest
 * @typedef {LoadRequest | RunRequest | CloseRequest} Request
 * @typedef {import('@tensorflow/tfjs-core').io.ModelArtifacts} Artifacts
 * @typedef {import('@tensorflow/tfjs-converter').GraphModel} GraphModel
 * @typedef {typeof import('@tensorflow/tfjs-core') & Pick<typeof import('@tensorflow/tfjs-converter'), 'loadGraphModel'>} Tf
 */

const require = createRequire(import.meta.url);

/** What a backend says that lacks a kernel which a model needs. */
const NO_KERNEL = /Kernel '(\w+)' not registered for backend/;

/** @type {Map<number, { model: GraphModel, artifacts: Artifacts, tf: Tf, backend: Backend }>} */
const loaded = new Map();

/** TensorFlow's own library, if the optional package with it is installed. @returns {Promise<Tf | undefined>} */
async function native() {
  // A name that is not written out, as no type or bundler is to look for a package that may be absent.
  const name = ['@tensorflow', 'tfjs-node'].join('/');
  try {
    const tf = (await import(name)).default;
    await tf.ready();
    return tf;
  } catch {
    return undefined;
  }
}

/** @type {Promise<Tf> | undefined} */
let scripted;

/** TensorFlow.js without native code. @returns {Promise<Tf>} */
async function portable() {
  const [core, { loadGraphModel }, wasm] = await Promise.all([
    import('@tensorflow/tfjs-core'),
    import('@tensorflow/tfjs-converter'),
    import('@tensorflow/tfjs-backend-wasm'),
  ]);
  wasm.setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), '/'));
  return { ...core, loadGraphModel };
}

/** @param {Backend | undefined} wanted @returns {Promise<{ tf: Tf, backend: Backend }>} */
async function runtimeFor(wanted) {
  const library = wanted === undefined || wanted === 'tensorflow' ? await native() : undefined;
  if (library !== undefined) return { tf: library, backend: 'tensorflow' };
  if (wanted === 'tensorflow') throw new Error('@tensorflow/tfjs-node is not installed');
  scripted ??= portable();
  const tf = await scripted;
  const backend = wanted ?? 'wasm';
  if (backend === 'cpu') await import('@tensorflow/tfjs-backend-cpu');
  return { tf, backend };
}

/** @param {Tf} tf @param {Backend} backend */
async function activate(tf, backend) {
  if (tf.getBackend() !== backend && !(await tf.setBackend(backend))) throw new Error(`no backend '${backend}'`);
}

/** @param {number} number @param {Artifacts} artifacts @param {Backend | undefined} wanted */
async function open(number, artifacts, wanted) {
  const { tf, backend } = await runtimeFor(wanted);
  await activate(tf, backend);
  const model = await tf.loadGraphModel({ load: async () => artifacts });
  loaded.set(number, { model, artifacts, tf, backend });
  return { backend };
}

/** @param {number} number */
function modelOf(number) {
  const entry = loaded.get(number);
  if (entry === undefined) throw new Error(`model ${number} is not loaded`);
  return entry;
}

/** @param {RunRequest} request */
async function run(request) {
  const { backend, artifacts, model } = modelOf(request.model);
  try {
    return await execute(request);
  } catch (error) {
    // The portable backend has nearly all kernels; it is slow, so it only steps in.
    if (backend !== 'wasm' || !(error instanceof Error) || !NO_KERNEL.test(error.message)) throw error;
    model.dispose();
    await open(request.model, artifacts, 'cpu');
    return execute(request);
  }
}

/** @param {RunRequest} request */
async function execute({ model: number, feeds, wanted, times }) {
  const { model, tf, backend } = modelOf(number);
  await activate(tf, backend);
  /** @type {import('@tensorflow/tfjs-core').NamedTensorMap} */
  const inputs = {};
  const milliseconds = [];
  /** @type {Record<string, WireTensor>} */
  const outputs = {};
  tf.engine().startScope();
  try {
    for (const [name, { data, dims, dtype }] of Object.entries(feeds)) {
      inputs[name] = tf.tensor(data, /** @type {number[]} */ (dims), dtype);
    }
    for (let turn = 0; turn < times; turn++) {
      const began = performance.now();
      const results = model.execute(inputs, wanted);
      const list = Array.isArray(results) ? results : [results];
      const values = list.map((tensor) => tensor.dataSync());
      milliseconds.push(performance.now() - began);
      for (const [i, { dtype, shape }] of list.entries()) {
        const data = /** @type {WireTensor['data']} */ (values[i]);
        outputs[wanted[i] ?? ''] = { dtype: /** @type {WireTensor['dtype']} */ (dtype), dims: shape, data };
      }
      tf.dispose(list.filter((tensor) => !Object.values(inputs).includes(tensor)));
    }
  } finally {
    tf.engine().endScope();
  }
  return { outputs, milliseconds, backend };
}

/** @param {number} number */
function close(number) {
  const { model } = modelOf(number);
  loaded.delete(number);
  model.dispose();
}

/** One at a time: which backend computes is a setting of the whole thread. */
let last = Promise.resolve();

parentPort?.on('message', (/** @type {Request} */ request) => {
  last = last.then(async () => {
    try {
      const result =
        request.kind === 'load'
          ? await open(request.model, request.artifacts, request.backend)
          : request.kind === 'run'
            ? await run(request)
            : close(request.model);
      parentPort?.postMessage({ id: request.id, ok: true, result });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      parentPort?.postMessage({ id: request.id, ok: false, message });
    }
  });
});
