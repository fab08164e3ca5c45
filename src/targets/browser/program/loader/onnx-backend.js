/** @import * as Ort from 'onnxruntime-web/wasm' */
/** @import { BackendRequest, Opened } from './backend.js' */
/** @import { Elements, Tensor } from './tensor.js' */

/** ONNX Runtime's log level that shows errors only. */
const LOG_ERRORS_ONLY = 3;

/** The runtime's files: its API, the glue around its wasm, and that. */
const RUNTIME = {
  api: 'runtime/ort.wasm.min.mjs',
  glue: 'runtime/ort-wasm-simd-threaded.mjs',
  wasm: 'runtime/ort-wasm-simd-threaded.wasm',
};

/**
 * Opens an ONNX model in onnxruntime-web, on the processor.
 *
 * @param {BackendRequest} request
 * @returns {Promise<Opened>}
 */
export async function openOnnx({ file, files, config, threads, urls, fetchFile }) {
  const beside = files.filter((path) => path !== file);
  const [ort, wasm, model, ...external] = await Promise.all([
    /** @type {Promise<typeof Ort>} */ (import(/* @vite-ignore */ /* webpackIgnore: true */ urls[RUNTIME.api] ?? '')),
    fetchFile(RUNTIME.wasm),
    fetchFile(file),
    ...beside.map(fetchFile),
  ]);
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmBinary = wasm;
  ort.env.wasm.wasmPaths = { mjs: urls[RUNTIME.glue] ?? '' };
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
    logSeverityLevel: LOG_ERRORS_ONLY,
    extra: nested(config),
    externalData: external.map((data, i) => ({ path: beside[i] ?? '', data })),
  });
  // The wasm build cannot return sequences and maps: it fails the whole run when one is asked for.
  const wanted = session.outputMetadata.filter(({ isTensor }) => isTensor).map(({ name }) => name);
  return {
    run: async (feeds) => {
      /** @type {Record<string, Ort.Tensor>} */
      const given = {};
      for (const [name, { type, data, dims }] of Object.entries(feeds)) {
        given[name] = new ort.Tensor(
          /** @type {Ort.Tensor.Type} */ (type),
          /** @type {Ort.Tensor.DataType} */ (data),
          dims,
        );
      }
      /** @type {Record<string, Tensor>} */
      const outputs = {};
      for (const [name, { type, dims, data }] of Object.entries(await session.run(given, wanted))) {
        outputs[name] = { type, dims, data: /** @type {Elements} */ (data) };
      }
      return outputs;
    },
  };
}

/**
 * `{ 'session.x': '1' }` as `{ session: { x: '1' } }`, which is how the runtime takes configuration entries.
 *
 * @param {Readonly<Record<string, string>>} config
 */
function nested(config) {
  /** @type {Record<string, unknown>} */
  const root = {};
  for (const [key, value] of Object.entries(config)) {
    const names = key.split('.');
    let at = root;
    for (const name of names.slice(0, -1)) {
      at[name] ??= {};
      at = /** @type {Record<string, unknown>} */ (at[name]);
    }
    at[names.at(-1) ?? ''] = value;
  }
  return root;
}
