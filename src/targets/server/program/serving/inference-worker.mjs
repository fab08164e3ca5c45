import { parentPort, workerData } from 'node:worker_threads';
import * as ort from 'onnxruntime-node';
import { buffersOf } from './batch-tensors.mjs';
import { isElementType } from './element-types.mjs';

/** @import { Elements, HostTensor, Port } from './element-types.mjs' */

/**
 * What the pool asks of a worker.
 * @typedef {{ id: number } & (
 *   | { kind: 'load', key: string, path: string }
 *   | { kind: 'run', key: string, feed: ReadonlyMap<string, HostTensor> }
 *   | { kind: 'unload', key: string }
 * )} WorkerRequest
 *
 * What a loaded model is like. `skipped` are outputs that are no tensors, which the runtime's binding cannot return.
 * @typedef {{ inputs: Port[], outputs: Port[], skipped: string[] }} ModelPorts
 *
 * @typedef {{ id: number } & (
 *   | { kind: 'loaded', ports: ModelPorts }
 *   | { kind: 'ran', outputs: Map<string, HostTensor>, seconds: number }
 *   | { kind: 'unloaded' }
 *   | { kind: 'failed', message: string }
 * )} WorkerReply
 */

/** The runtime's `run` holds its thread until it is done, which is why it has one of its own. */
const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
const { threads } = /** @type {{ threads: number }} */ (workerData);

/** @type {Map<string, { session: ort.InferenceSession, wanted: string[] }>} */
const models = new Map();

port.on('message', async (/** @type {WorkerRequest} */ request) => {
  try {
    await answer(request);
  } catch (error) {
    send({ id: request.id, kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
});

/** @param {WorkerRequest} request */
async function answer(request) {
  const { id, key } = request;
  switch (request.kind) {
    case 'load':
      send({ id, kind: 'loaded', ports: await load(key, request.path) });
      return;
    case 'run': {
      const started = performance.now();
      const outputs = await run(key, request.feed);
      send({ id, kind: 'ran', outputs, seconds: (performance.now() - started) / 1000 });
      return;
    }
    case 'unload':
      await models.get(key)?.session.release();
      models.delete(key);
      send({ id, kind: 'unloaded' });
      return;
  }
}

/**
 * @param {string} key
 * @param {string} path
 * @returns {Promise<ModelPorts>}
 */
async function load(key, path) {
  const session = await ort.InferenceSession.create(path, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    logSeverityLevel: 3,
    // Threads that spin while they wait double the latency of everything else on a busy machine.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  const inputs = session.inputMetadata.map(readPort);
  const unusable = session.inputMetadata.find((_, i) => inputs[i] === undefined);
  if (unusable !== undefined) {
    const type = unusable.isTensor ? unusable.type : 'no tensor';
    await session.release();
    throw new Error(`input "${unusable.name}" is ${type}, which cannot be given as JSON`);
  }
  const outputs = session.outputMetadata.map(readPort);
  const usable = outputs.filter((output) => output !== undefined);
  const skipped = session.outputNames.filter((_, i) => outputs[i] === undefined);
  if (usable.length === 0) {
    await session.release();
    throw new Error(`none of the outputs ${skipped.join(', ')} is a tensor that can be given as JSON`);
  }
  models.set(key, { session, wanted: usable.map(({ name }) => name) });
  return { inputs: inputs.filter((input) => input !== undefined), outputs: usable, skipped };
}

/**
 * @param {ort.InferenceSession.ValueMetadata} metadata
 * @returns {Port | undefined}
 */
function readPort(metadata) {
  if (!metadata.isTensor || !isElementType(metadata.type)) return undefined;
  return { name: metadata.name, dtype: metadata.type, dims: [...metadata.shape] };
}

/**
 * @param {string} key
 * @param {ReadonlyMap<string, HostTensor>} feed
 */
async function run(key, feed) {
  const model = models.get(key);
  if (model === undefined) throw new Error(`model ${key} is not loaded`);
  const tensors = Object.fromEntries(
    Array.from(feed, ([name, { dtype, dims, data }]) => [
      name,
      new ort.Tensor(dtype, /** @type {ort.Tensor.DataTypeMap['float32']} */ (data), dims),
    ]),
  );
  const results = await model.session.run(tensors, model.wanted);
  return new Map(model.wanted.map((name) => [name, hostTensor(/** @type {ort.Tensor} */ (results[name]))]));
}

/**
 * @param {ort.Tensor} tensor
 * @returns {HostTensor}
 */
function hostTensor({ type, dims, data }) {
  // Where JavaScript has a Float16Array the binding returns one; the rest of the program works on bit patterns.
  const bits = type === 'float16' && !(data instanceof Uint16Array);
  const raw = /** @type {ArrayBufferView} */ (data);
  return {
    dtype: /** @type {HostTensor['dtype']} */ (type),
    dims,
    data: bits ? new Uint16Array(raw.buffer, raw.byteOffset, raw.byteLength / 2) : /** @type {Elements} */ (data),
  };
}

/** @param {WorkerReply} reply */
function send(reply) {
  port.postMessage(reply, reply.kind === 'ran' ? buffersOf(reply.outputs) : []);
}
