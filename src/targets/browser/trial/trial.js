/** @import { load as loadFunction } from '../program/modelpress.js' */

/**
 * What is asked of the page: load each model file, run it on the feeds, and time them in turn. The elements of a tensor
 * are its bytes in base64, or strings.
 *
 * @typedef {{ readonly name: string, readonly type: string, readonly dims: readonly number[], readonly data: string | readonly string[] }} WireTensor
 * @typedef {object} TrialRequest
 * @property {readonly (string | null)[]} files null for what the loader chooses
 * @property {readonly (readonly WireTensor[])[]} feeds
 * @property {number} threads
 * @property {number} warmup rounds before measuring, at most for `budgetMs`
 * @property {number} minRounds
 * @property {number} maxRounds
 * @property {number} budgetMs for measured rounds beyond `minRounds`
 *
 * @typedef {{ readonly ok: false, readonly code: string, readonly message: string }} FailedTrial
 * @typedef {{ readonly ok: true, readonly file: string, readonly loadMs: number, readonly times: readonly number[],
 *   readonly outputs: readonly (readonly WireTensor[])[], readonly failures: readonly { readonly file: string, readonly message: string }[] }} PassedTrial
 * @typedef {FailedTrial | PassedTrial} Trial
 */

/** The typed arrays of the element types. */
const HOLDERS = /** @type {Readonly<Record<string, new (bytes: ArrayBuffer) => ArrayBufferView>>} */ ({
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
});

/** @typedef {Awaited<ReturnType<typeof loadFunction>>} Model */

/** How long nothing is said of predictions, in milliseconds. */
const SILENCE_MS = 1000;

/**
 * Tries the artifact at an address through its own loader. Models stay loaded while all are timed, one run of each in turn.
 *
 * @param {string} artifact address of modelpress.js
 * @param {TrialRequest} request
 * @param {() => unknown} goesOn told after each load, and after predictions
 * @returns {Promise<readonly Trial[]>} one per file
 */
export async function trial(artifact, request, goesOn) {
  const { load } = /** @type {{ load: typeof loadFunction }} */ (await import(artifact));
  const feeds = request.feeds.map((tensors) =>
    Object.fromEntries(tensors.map((tensor) => [tensor.name, { data: read(tensor), dims: tensor.dims }])),
  );
  const entries = [];
  for (const file of request.files) {
    try {
      const start = performance.now();
      const model = await load({ ...(file === null ? {} : { file }), threads: request.threads, cache: false });
      const loadMs = performance.now() - start;
      goesOn();
      const outputs = [];
      for (const feed of feeds) {
        outputs.push(Object.entries(await model.predict(feed)).map(write));
        goesOn();
      }
      entries.push({ model, loadMs, outputs, times: /** @type {number[]} */ ([]) });
    } catch (error) {
      entries.push(failure(error));
    }
  }
  const running = entries.filter((entry) => 'model' in entry);
  await measure(running, feeds, request, goesOn);
  for (const { model } of running) model.dispose();
  return entries.map((entry) => {
    if (!('model' in entry)) return entry;
    const { model, loadMs, outputs, times } = entry;
    return { ok: true, file: model.file, failures: model.failures, loadMs, outputs, times };
  });
}

/**
 * @param {readonly { readonly model: Model, readonly times: number[] }[]} running
 * @param {readonly Parameters<Model['predict']>[0][]} feeds
 * @param {TrialRequest} limits
 * @param {() => unknown} goesOn
 */
async function measure(running, feeds, { warmup, minRounds, maxRounds, budgetMs }, goesOn) {
  let told = performance.now();
  let deadline = performance.now() + budgetMs;
  for (let round = -warmup; round < maxRounds; round++) {
    // A slow model is warm after few rounds.
    if (round < 0 && performance.now() > deadline) round = 0;
    if (round === 0) deadline = performance.now() + budgetMs;
    if (round >= minRounds && performance.now() > deadline) return;
    const feed = feeds[(round + warmup) % feeds.length];
    if (feed === undefined) return;
    for (const { model, times } of running) {
      const start = performance.now();
      await model.predict(feed);
      const now = performance.now();
      if (round >= 0) times.push(now - start);
      if (now - told < SILENCE_MS) continue;
      // Seldom, and outside of what is timed.
      await goesOn();
      told = performance.now();
    }
  }
}

/**
 * @param {unknown} error
 * @returns {FailedTrial}
 */
function failure(error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unexpected';
  return { ok: false, code, message: error instanceof Error ? error.message : String(error) };
}

/** @param {WireTensor} tensor */
function read({ type, data }) {
  if (typeof data !== 'string') return [...data];
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  const holder = HOLDERS[type];
  if (holder === undefined) throw new TypeError(`tensors of type ${type} cannot be given to a page`);
  return /** @type {Float32Array} */ (new holder(bytes.buffer));
}

/**
 * @param {[string, Awaited<ReturnType<Model['predict']>>[string]]} output
 * @returns {WireTensor}
 */
function write([name, { type, dims, data }]) {
  if (Array.isArray(data)) return { name, type, dims, data };
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return { name, type, dims, data: btoa(text) };
}
