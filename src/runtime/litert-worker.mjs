// Runs TensorFlow Lite models in LiteRT's wasm build, in a thread of its own that can be ended when a model hangs or
// aborts the runtime. Started by litert-host.ts; it answers each request with one message of the same number.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parentPort } from 'node:worker_threads';

/**
 * @typedef {{ name: string, elementType: number, dims: number[] }} WirePort
 * @typedef {{ id: number, kind: 'load', model: number, bytes: Uint8Array, threads: number }} LoadRequest
 * @typedef {{ id: number, kind: 'run', model: number, feeds: Uint8Array[], times: number }} RunRequest
 * @typedef {{ id: number, kind: 'close', model: number }} CloseRequest
 * @typedef {LoadRequest | RunRequest | CloseRequest} Request
 */

const require = createRequire(import.meta.url);
const folder = join(dirname(require.resolve('@litertjs/core/package.json')), 'wasm');
const GLUE = 'litert_wasm_compat_internal';

/** Lines that the runtime has written since the last request. @type {string[]} */
let lines = [];

// The generated objects are those that embind makes of LiteRT's C++ classes; nothing states their types.
/** @type {any} */
let runtime;
/** @type {any} */
let environment;
/** @type {Map<number, { model: any, compiled: any, bytes: number, types: any[] }>} */
const loaded = new Map();

async function start() {
  const source = readFileSync(join(folder, `${GLUE}.js`), 'utf8');
  const factory = new Function('require', '__filename', '__dirname', `${source}\nreturn ModuleFactory;`)(
    require,
    join(folder, `${GLUE}.js`),
    folder,
  );
  runtime = await factory({
    wasmBinary: readFileSync(join(folder, `${GLUE}.wasm`)),
    print: (/** @type {string} */ line) => lines.push(line),
    printErr: (/** @type {string} */ line) => lines.push(line),
  });
  runtime.setupLogging();
  environment = await runtime.LiteRtEnvironment.create(null);
}

/** A failed Prepare is not thrown: it only leaves a line, and garbage in the results. */
function refuseErrors() {
  const errors = lines.filter((line) => /^\s*ERROR\b/.test(line));
  lines = [];
  if (errors.length > 0) throw new Error(errors.join('; '));
}

/** @param {any} vector */
function listOf(vector) {
  const items = [];
  for (let i = 0; i < vector.size(); i++) items.push(vector.get(i));
  vector.delete();
  return items;
}

/** @param {any} type @param {string} name @returns {WirePort} */
function portOf(type, name) {
  const layout = type.layout();
  const port = { name, elementType: type.elementType().value, dims: listOf(layout.dimensions()) };
  layout.delete();
  return port;
}

/** @param {LoadRequest} request */
async function load({ model: number, bytes, threads }) {
  const pointer = runtime._malloc(bytes.byteLength);
  runtime.HEAPU8.set(bytes, pointer);
  const model = runtime.loadModel(environment, pointer, bytes.byteLength);
  refuseErrors();
  const compiled = await runtime.compileModel(environment, model, {
    accelerator: 'wasm',
    cpuOptions: { numThreads: threads },
    gpuOptions: {},
    webNNOptions: {},
  });
  refuseErrors();
  const signature = model.getSignature(0);
  const inputNames = listOf(signature.inputNames());
  const outputNames = listOf(signature.outputNames());
  signature.delete();
  const types = inputNames.map((_, i) => model.getInputTensorType(0, i));
  loaded.set(number, { model, compiled, bytes: pointer, types });
  const outputs = outputNames.map((name, i) => {
    const type = model.getOutputTensorType(0, i);
    const port = portOf(type, name);
    type.delete();
    return port;
  });
  return { inputs: types.map((type, i) => portOf(type, inputNames[i])), outputs };
}

/** @param {number} number */
function modelOf(number) {
  const entry = loaded.get(number);
  if (entry === undefined) throw new Error(`model ${number} is not loaded`);
  return entry;
}

/** @param {RunRequest} request */
async function run({ model: number, feeds, times }) {
  const { compiled, types } = modelOf(number);
  const { READ, WRITE } = runtime.LiteRtTensorBufferLockMode;
  const buffers = feeds.map((bytes, i) => {
    const host = runtime.LiteRtTensorBufferType.HOST_MEMORY;
    const buffer = runtime.LiteRtTensorBuffer.createManaged(environment, host, types[i], bytes.byteLength);
    const pointer = buffer.lock(WRITE);
    runtime.HEAPU8.set(bytes, pointer);
    buffer.unlock();
    return buffer;
  });
  const milliseconds = [];
  /** @type {{ bytes: Uint8Array, dims: number[] }[]} */
  let outputs = [];
  try {
    for (let turn = 0; turn < times; turn++) {
      const began = performance.now();
      const results = await compiled.run(0, buffers);
      milliseconds.push(performance.now() - began);
      outputs = [...results].map((result) => {
        const pointer = result.lock(READ);
        const bytes = runtime.HEAPU8.slice(pointer, pointer + result.packedSize());
        result.unlock();
        const type = result.tensorType();
        const { dims } = portOf(type, '');
        type.delete();
        result.delete();
        return { bytes, dims };
      });
      refuseErrors();
    }
  } finally {
    for (const buffer of buffers) buffer.delete();
  }
  return { outputs, milliseconds };
}

/** @param {number} number */
function close(number) {
  const { model, compiled, bytes, types } = modelOf(number);
  loaded.delete(number);
  for (const type of types) type.delete();
  compiled.delete();
  model.delete();
  runtime._free(bytes);
}

const started = start();

parentPort?.on('message', async (/** @type {Request} */ request) => {
  try {
    await started;
    lines = [];
    const result =
      request.kind === 'load'
        ? await load(request)
        : request.kind === 'run'
          ? await run(request)
          : close(request.model);
    parentPort?.postMessage({ id: request.id, ok: true, result });
  } catch (error) {
    const written = lines.filter((line) => /^\s*ERROR\b/.test(line)).join('; ');
    const message = error instanceof Error ? error.message : String(error);
    parentPort?.postMessage({
      id: request.id,
      ok: false,
      message: written === '' ? message : `${message}: ${written}`,
    });
  }
});
