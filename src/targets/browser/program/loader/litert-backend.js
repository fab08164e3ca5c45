import { LoadError } from './load-error.js';

/** @import { BackendRequest, Opened } from './backend.js' */
/** @import { Elements, Tensor } from './tensor.js' */

/**
 * Builds of the runtime: the script around the wasm, and that. `threaded` and `relaxed` need relaxed SIMD.
 *
 * @typedef {{ readonly glue: string, readonly wasm: string }} Build
 * @type {Readonly<Record<'threaded' | 'relaxed' | 'compat', Build>>}
 */
const BUILDS = {
  threaded: { glue: 'runtime/litert-threaded.mjs', wasm: 'runtime/litert-threaded.wasm' },
  relaxed: { glue: 'runtime/litert.mjs', wasm: 'runtime/litert.wasm' },
  compat: { glue: 'runtime/litert-compat.mjs', wasm: 'runtime/litert-compat.wasm' },
};

/** What the threads of the threaded build are started from. */
const THREAD_SCRIPT = 'runtime/litert-threaded.js';

/**
 * LiteRT's numbers of the element types, and how their elements are held.
 *
 * @type {Readonly<Record<number, readonly [type: string,
 *   holder: new (bytes: ArrayBuffer) => Exclude<Elements, string[]>]>>}
 */
const ELEMENT_TYPES = {
  1: ['float32', Float32Array],
  2: ['int32', Int32Array],
  3: ['uint8', Uint8Array],
  4: ['int64', BigInt64Array],
  6: ['bool', Uint8Array],
  7: ['int16', Int16Array],
  9: ['int8', Int8Array],
};

/** A module with one instruction of relaxed SIMD, i8x16.relaxed_swizzle. */
const RELAXED_SIMD = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  // A function type: two vectors to one.
  ...[0x01, 0x07, 0x01, 0x60, 0x02, 0x7b, 0x7b, 0x01, 0x7b],
  ...[0x03, 0x02, 0x01, 0x00],
  // Its body: both parameters, the instruction, end.
  ...[0x0a, 0x0b, 0x01, 0x09, 0x00, 0x20, 0x00, 0x20, 0x01, 0xfd, 0x80, 0x02, 0x0b],
);

/**
 * Opens a .tflite model in LiteRT, on the processor.
 *
 * @param {BackendRequest} request
 * @returns {Promise<Opened>}
 */
export async function openLiteRt({ file, threads, urls, fetchFile }) {
  const relaxed = WebAssembly.validate(RELAXED_SIMD);
  const threaded = relaxed && threads !== 1 && globalThis.crossOriginIsolated;
  const { glue, wasm } = BUILDS[threaded ? 'threaded' : relaxed ? 'relaxed' : 'compat'];
  const [{ default: createRuntime }, wasmBinary, bytes] = await Promise.all([
    import(/* @vite-ignore */ /* webpackIgnore: true */ urls[glue] ?? ''),
    fetchFile(wasm),
    fetchFile(file),
  ]);
  /** Lines that say what failed: the runtime throws for some failures only. @type {string[]} */
  const errors = [];
  const hear = (/** @type {string} */ line) => {
    if (/^\s*ERROR\b/.test(line)) errors.push(line);
  };
  // The classes that embind makes of LiteRT's own; nothing states their types.
  /** @type {any} */
  const runtime = await createRuntime({
    wasmBinary,
    mainScriptUrlOrBlob: urls[THREAD_SCRIPT],
    print: hear,
    printErr: hear,
  });
  runtime.setupLogging();
  const environment = await runtime.LiteRtEnvironment.create(null);
  const pointer = runtime._malloc(bytes.byteLength);
  runtime.HEAPU8.set(bytes, pointer);
  const model = runtime.loadModel(environment, pointer, bytes.byteLength);
  const compiled = await runtime.compileModel(environment, model, {
    accelerator: 'wasm',
    cpuOptions: { numThreads: threaded ? threads || navigator.hardwareConcurrency : 1 },
    gpuOptions: {},
    webNNOptions: {},
  });
  refuse(errors, file);
  const signature = model.getSignature(0);
  const inputs = listOf(signature.inputNames()).map((name, i) => inputBuffer(runtime, environment, model, name, i));
  const outputs = listOf(signature.outputNames());
  return {
    run: async (feeds) => {
      for (const input of inputs) writeInput(runtime, input, feeds[input.name]);
      const results = await compiled.run(
        0,
        inputs.map(({ buffer }) => buffer),
      );
      refuse(errors, file);
      return Object.fromEntries([...results].map((result, i) => [outputs[i] ?? '', readOutput(runtime, result)]));
    },
  };
}

/**
 * @param {string[]} errors
 * @param {string} file
 */
function refuse(errors, file) {
  if (errors.length > 0) throw new LoadError('runtime-failed', `LiteRT on ${file}: ${errors.splice(0).join('; ')}`);
}

/**
 * A place in the runtime's memory for an input, used in every run.
 *
 * @typedef {{ readonly name: string, readonly bytes: number, readonly buffer: any }} InputBuffer
 * @param {any} runtime
 * @param {any} environment
 * @param {any} model
 * @param {string} name
 * @param {number} index
 * @returns {InputBuffer}
 */
function inputBuffer(runtime, environment, model, name, index) {
  const type = model.getInputTensorType(0, index);
  const { dims, holder } = described(type);
  const count = dims.reduce((product, size) => product * size, 1);
  const bytes = count * holder.BYTES_PER_ELEMENT;
  const memory = runtime.LiteRtTensorBufferType.HOST_MEMORY;
  return { name, bytes, buffer: runtime.LiteRtTensorBuffer.createManaged(environment, memory, type, bytes) };
}

/**
 * @param {any} runtime
 * @param {InputBuffer} input
 * @param {Tensor | undefined} tensor
 */
function writeInput(runtime, { name, bytes, buffer }, tensor) {
  if (tensor === undefined || Array.isArray(tensor.data) || tensor.data.byteLength !== bytes) {
    throw new LoadError('feed-shape', `input '${name}' takes ${bytes} bytes, got ${tensor?.type}[${tensor?.dims}]`);
  }
  const { data } = tensor;
  const pointer = buffer.lock(runtime.LiteRtTensorBufferLockMode.WRITE);
  runtime.HEAPU8.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), pointer);
  buffer.unlock();
}

/**
 * @param {any} runtime
 * @param {any} result
 * @returns {Tensor}
 */
function readOutput(runtime, result) {
  const pointer = result.lock(runtime.LiteRtTensorBufferLockMode.READ);
  const bytes = runtime.HEAPU8.slice(pointer, pointer + result.packedSize());
  result.unlock();
  const tensorType = result.tensorType();
  const { type, dims, holder } = described(tensorType);
  tensorType.delete();
  result.delete();
  return { type, dims, data: new holder(bytes.buffer) };
}

/**
 * @param {any} tensorType
 */
function described(tensorType) {
  const number = tensorType.elementType().value;
  const row = ELEMENT_TYPES[number];
  if (row === undefined) throw new LoadError('runtime-failed', `LiteRT gives element type ${number}`);
  const layout = tensorType.layout();
  const dims = /** @type {number[]} */ (listOf(layout.dimensions()));
  layout.delete();
  return { type: row[0], dims, holder: /** @type {typeof Uint8Array} */ (row[1]) };
}

/**
 * The items of one of the runtime's vectors, which is let go of.
 *
 * @param {any} vector
 * @returns {any[]}
 */
function listOf(vector) {
  const items = [];
  for (let i = 0; i < vector.size(); i++) items.push(vector.get(i));
  vector.delete();
  return items;
}
