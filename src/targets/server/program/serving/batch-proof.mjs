import { concatFeeds, splitFeed } from './batch-tensors.mjs';
import { decodeHalf } from './half-float.mjs';
import { OPEN_SIZES, sampleFeed } from './sample-feed.mjs';

/** @import { HostTensor, Port } from './element-types.mjs' */
/** @import { InferencePool } from './inference-pool.mjs' */
/** @import { ModelPorts } from './inference-worker.mjs' */
/** @import { Manifest } from './manifest.mjs' */
/** @import { Feed } from './predict-message.mjs' */

/**
 * How requests to a model may be put together, and why.
 * @typedef {{ readonly mergeable: boolean, readonly reason: string }} BatchVerdict
 */

/** Inputs that are run alone and together: two could agree by chance, four distinct ones show what the axis means. */
const PROBES = 4;

/** Largest difference, relative to the largest output, that summing in another order explains in float32. */
const TOLERANCE = 1e-4;

/**
 * Runs a model on made-up input in every worker, so that its first request finds memory and caches ready.
 *
 * @param {InferencePool} pool
 * @param {string} key
 * @param {ModelPorts} ports
 * @param {Manifest | undefined} hints
 * @returns {Promise<{ open: number } | { failure: string }>} the size that the model's open dimensions took
 */
export async function warmUp(pool, key, ports, hints) {
  const isOpen = ports.inputs.some(({ dims }) => dims.slice(1).some((dim) => typeof dim === 'string'));
  let failure = '';
  for (const open of isOpen ? OPEN_SIZES : [1]) {
    try {
      for (const seed of [1, 2]) await pool.warmUp(key, sampleFeed(ports.inputs, { rows: 1, open, seed, hints }));
      return { open };
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
  }
  return { failure };
}

/**
 * Finds out whether requests may share a run without changing each other's answers.
 *
 * The first axis of an input need not be a batch: it is time in some models, and dynamic quantization takes its scale
 * over all of it. So different inputs are run alone and joined, and only equal answers allow merging.
 *
 * @param {InferencePool} pool
 * @param {string} key
 * @param {ModelPorts} ports
 * @param {{ mode: 'auto' | 'on' | 'off', open: number | undefined, hints: Manifest | undefined }} options `open` is
 *   what `warmUp` found; undefined when no made-up input ran
 * @returns {Promise<BatchVerdict>}
 */
export async function judgeBatching(pool, key, ports, { mode, open, hints }) {
  const refused = refusal(ports);
  if (mode === 'off') return { mergeable: false, reason: 'switched off' };
  if (refused !== undefined) return { mergeable: false, reason: refused };
  if (mode === 'on') return { mergeable: true, reason: 'switched on without a test' };
  if (open === undefined) return { mergeable: false, reason: 'untested: the model took no made-up input' };
  const feeds = Array.from({ length: PROBES }, (_, i) =>
    sampleFeed(ports.inputs, { rows: 1, open, seed: 10 + i, hints }),
  );
  const joined = concatFeeds(feeds);
  /** @type {Feed[]} */
  const alone = [];
  try {
    for (const feed of feeds) alone.push((await pool.run(key, feed)).outputs);
    return compare(alone, (await pool.run(key, joined)).outputs);
  } catch (error) {
    return {
      mergeable: false,
      reason: `a joined run fails: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

/**
 * Why the declared shapes rule a batch axis out; undefined where they do not.
 *
 * @param {ModelPorts} ports
 */
function refusal({ inputs, outputs }) {
  /** @param {Port} port */
  const isFixed = ({ dims }) => typeof dims[0] !== 'string';
  const input = inputs.find(isFixed);
  if (input !== undefined) return `the first dimension of input "${input.name}" is fixed`;
  const output = outputs.find(isFixed);
  if (output !== undefined) return `the first dimension of output "${output.name}" is fixed`;
  const names = new Set(inputs.map(({ dims }) => dims[0]).filter((name) => name !== ''));
  return names.size > 1 ? `the first dimensions of the inputs differ: ${[...names].join(', ')}` : undefined;
}

/**
 * @param {readonly Feed[]} alone
 * @param {Feed} joined
 * @returns {BatchVerdict}
 */
function compare(alone, joined) {
  for (const [name, { dims }] of joined) {
    if (dims[0] !== PROBES || alone.some((outputs) => outputs.get(name)?.dims[0] !== 1)) {
      return { mergeable: false, reason: `output "${name}" has no entry for each instance` };
    }
  }
  const parts = splitFeed(joined, new Array(PROBES).fill(1));
  for (const [i, outputs] of alone.entries()) {
    for (const [name, tensor] of outputs) {
      if (!agree(tensor, /** @type {HostTensor} */ (parts[i]?.get(name)))) {
        return { mergeable: false, reason: `output "${name}" changes when requests share a run` };
      }
    }
  }
  const [first, ...others] = alone;
  const varies = others.some((outputs) =>
    [...outputs].some(([name, tensor]) => !agree(tensor, /** @type {HostTensor} */ (first?.get(name)))),
  );
  return varies
    ? { mergeable: true, reason: 'tested: answers do not change when requests share a run' }
    : { mergeable: false, reason: 'the test shows nothing: every made-up input gave the same answer' };
}

/**
 * @param {HostTensor} a
 * @param {HostTensor} b
 */
function agree(a, b) {
  if (a.dims.length !== b.dims.length || a.dims.some((dim, i) => dim !== b.dims[i])) return false;
  const [left, right] = [floatsOf(a), floatsOf(b)];
  if (left === undefined || right === undefined) {
    return /** @type {unknown[]} */ (/** @type {unknown} */ (a.data)).every((value, i) => value === b.data[i]);
  }
  const largest = left.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);
  return left.every(
    (value, i) => Object.is(value, right[i]) || Math.abs(value - (right[i] ?? Number.NaN)) <= TOLERANCE * largest,
  );
}

/** @param {HostTensor} tensor */
function floatsOf({ dtype, data }) {
  if (dtype === 'float16') return Float64Array.from(/** @type {Uint16Array} */ (data), decodeHalf);
  return data instanceof Float32Array || data instanceof Float64Array ? Float64Array.from(data) : undefined;
}
