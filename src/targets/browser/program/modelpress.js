import { FILES } from './files.js';
import { forgetOthers, openCache } from './loader/fetch-verified.js';
import { failureOf, LoadError } from './loader/load-error.js';
import { candidatesToTry, fetchManifest } from './loader/manifest.js';
import { ModelThread } from './loader/model-thread.js';
import { shapeFeeds } from './loader/shape-feeds.js';
import { takesShapes } from './loader/takes-shapes.js';

/** @import { Failure } from './loader/load-error.js' */
/** @import { Candidate, Manifest } from './loader/manifest.js' */
/** @import { FeedValue } from './loader/shape-feeds.js' */
/** @import { Tensor } from './loader/tensor.js' */

export { LoadError };

/**
 * @typedef {object} LoadOptions
 * @property {string} [file] the model file to load; by default the manifest's first that loads
 * @property {number} [threads] default: as the runtime sees fit where the page is cross-origin isolated, else 1
 * @property {boolean} [cache] keep files in Cache Storage, for the next visit and for use without a network; default true
 * @property {boolean} [verify] compare files with the sha256 of the manifest; default true
 */

/**
 * Loads the model in a thread of its own: the candidate that the manifest names first, and where that fails the next.
 *
 * @param {LoadOptions} [options]
 * @returns {Promise<Model>}
 * @throws {LoadError}
 */
export async function load({ file, threads, cache: useCache = true, verify = true } = {}) {
  const address = FILES['manifest.json'];
  const cache = useCache ? await openCache('manifests') : undefined;
  const { manifest, keep } = await fetchManifest(address, cache);
  const { name: modelName } = manifest.model;
  /** @type {OpenCandidate} */
  const open = async (candidate) => {
    const thread = new ModelThread();
    try {
      await thread.ask({
        kind: 'open',
        modelName,
        candidate,
        listed: manifest.files,
        urls: FILES,
        threads: threads ?? (globalThis.crossOriginIsolated ? 0 : 1),
        cache: useCache,
        verify,
      });
      return thread;
    } catch (error) {
      const { code, message } = failureOf(error, 'candidate-failed');
      thread.end(code, message);
      throw error;
    }
  };
  const loaded = await openFirst(candidatesToTry(manifest, file), open);
  await keep();
  if (useCache) await forgetOthers(await openCache(modelName), manifest.files);
  return new Model(manifest, loaded, open);
}

/**
 * Opens a candidate in a thread of its own.
 *
 * @typedef {(candidate: Candidate) => Promise<ModelThread>} OpenCandidate
 *
 * The first candidate that opened, those before it with what stopped them, and those after it.
 * @typedef {{ readonly thread: ModelThread, readonly candidate: Candidate,
 *   readonly failures: readonly (Failure & { readonly file: string })[], readonly rest: readonly Candidate[] }} Loaded
 */

/**
 * @param {readonly Candidate[]} candidates
 * @param {OpenCandidate} open
 * @returns {Promise<Loaded>}
 */
async function openFirst(candidates, open) {
  const failures = [];
  for (const [i, candidate] of candidates.entries()) {
    try {
      return { thread: await open(candidate), candidate, failures, rest: candidates.slice(i + 1) };
    } catch (error) {
      failures.push({ file: candidate.file, ...failureOf(error, 'candidate-failed') });
    }
  }
  const [only] = failures;
  if (failures.length === 1 && only !== undefined) throw new LoadError(only.code, `${only.file}: ${only.message}`);
  const told = failures.map((failure) => `${failure.file}: ${failure.message}`).join('; ');
  throw new LoadError('nothing-loads', `no model file loads: ${told}`);
}

/** A loaded model. */
class Model {
  #loaded;
  #open;
  /**
   * For shapes that the loaded file does not take; opened when they first come.
   *
   * @type {Map<Candidate, Promise<ModelThread>>}
   */
  #others = new Map();
  #disposed = false;

  /**
   * @param {Manifest} manifest
   * @param {Loaded} loaded
   * @param {OpenCandidate} open
   */
  constructor(manifest, loaded, open) {
    this.#loaded = loaded;
    this.#open = open;
    const { candidate, failures } = loaded;
    this.name = manifest.model.name;
    this.version = manifest.model.version;
    this.file = candidate.file;
    this.runtime = candidate.runtime;
    this.precision = candidate.precision;
    this.inputs = manifest.inputs;
    this.outputs = manifest.outputs.filter(({ type }) => type !== 'non-tensor').map(({ name }) => name);
    this.failures = failures;
  }

  /**
   * Runs the model once. Where the loaded file does not take the shape of an input, runs the next one that does, which is
   * then loaded too.
   *
   * @param {Readonly<Record<string, FeedValue>>} feeds every input by its name
   * @returns {Promise<Record<string, Tensor>>} every output by its name
   * @throws {LoadError}
   */
  async predict(feeds) {
    const tensors = shapeFeeds(this.inputs, feeds);
    const { thread, candidate, rest } = this.#loaded;
    const taker = [candidate, ...rest].find((one) => takesShapes(one, tensors));
    if (taker === undefined) {
      const taken = Object.entries(candidate.shapes).map(([name, shape]) => `'${name}' as [${shape.join(', ')}]`);
      throw new LoadError('feed-shape', `${candidate.file} takes input ${taken.join(' and ')}, and nothing else`);
    }
    const running = taker === candidate ? thread : await this.#other(taker);
    return /** @type {Promise<Record<string, Tensor>>} */ (running.ask({ kind: 'run', feeds: tensors }));
  }

  /** Ends the model's thread, which frees its memory. */
  dispose() {
    this.#disposed = true;
    const end = (/** @type {ModelThread} */ thread) => thread.end('disposed', 'the model was disposed of');
    end(this.#loaded.thread);
    for (const opening of this.#others.values()) opening.then(end, () => undefined);
  }

  /** @param {Candidate} candidate */
  #other(candidate) {
    if (this.#disposed) throw new LoadError('disposed', 'the model was disposed of');
    const opening = this.#others.get(candidate) ?? this.#open(candidate);
    this.#others.set(candidate, opening);
    // What failed once, for want of a network, may succeed later.
    opening.catch(() => this.#others.delete(candidate));
    return opening;
  }
}

/**
 * Keeps the page and the loader usable without a network, through the service worker beside this module.
 *
 * @returns {Promise<boolean>} whether this browser and this page allow it
 */
export async function keepOffline() {
  if (typeof navigator === 'undefined' || navigator.serviceWorker === undefined) return false;
  try {
    await navigator.serviceWorker.register(FILES['sw.js']);
    await navigator.serviceWorker.ready;
    return true;
  } catch {
    return false;
  }
}
