import { FILES } from './files.js';
import { forgetOthers, openCache } from './loader/fetch-verified.js';
import { failureOf, LoadError } from './loader/load-error.js';
import { candidatesToTry, fetchManifest } from './loader/manifest.js';
import { ModelThread } from './loader/model-thread.js';
import { shapeFeeds } from './loader/shape-feeds.js';

/** @import { Opened, Tensor } from './loader/backend.js' */
/** @import { Failure } from './loader/load-error.js' */
/** @import { Candidate, Manifest } from './loader/manifest.js' */
/** @import { FeedValue } from './loader/shape-feeds.js' */

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
  /** @type {(Failure & { readonly file: string })[]} */
  const failures = [];
  for (const candidate of candidatesToTry(manifest, file)) {
    const thread = new ModelThread();
    try {
      const opened = await thread.ask({
        kind: 'open',
        modelName,
        candidate,
        listed: manifest.files,
        urls: FILES,
        threads: threads ?? (globalThis.crossOriginIsolated ? 0 : 1),
        cache: useCache,
        verify,
      });
      await keep();
      if (useCache) await forgetOthers(await openCache(modelName), manifest.files);
      return new Model({ thread, manifest, candidate, opened: /** @type {Omit<Opened, 'run'>} */ (opened), failures });
    } catch (error) {
      const failure = failureOf(error, 'candidate-failed');
      thread.end(failure.code, failure.message);
      failures.push({ file: candidate.file, ...failure });
    }
  }
  const [only] = failures;
  if (failures.length === 1 && only !== undefined) throw new LoadError(only.code, `${only.file}: ${only.message}`);
  const told = failures.map((failure) => `${failure.file}: ${failure.message}`).join('; ');
  throw new LoadError('nothing-loads', `no model file loads: ${told}`);
}

/** A loaded model. */
class Model {
  #thread;
  #opened;

  /**
   * @param {{ thread: ModelThread, manifest: Manifest, candidate: Candidate, opened: Omit<Opened, 'run'>,
   *   failures: readonly (Failure & { readonly file: string })[] }} parts
   */
  constructor({ thread, manifest, candidate, opened, failures }) {
    this.#thread = thread;
    this.#opened = opened;
    this.name = manifest.model.name;
    this.version = manifest.model.version;
    this.file = candidate.file;
    this.runtime = candidate.runtime;
    this.precision = candidate.precision;
    this.inputs = opened.inputs;
    this.outputs = opened.outputs;
    this.failures = failures;
  }

  /**
   * Runs the model once.
   *
   * @param {Readonly<Record<string, FeedValue>>} feeds every input by its name
   * @returns {Promise<Record<string, Tensor>>} every output by its name
   */
  async predict(feeds) {
    const tensors = shapeFeeds(this.#opened.inputs, feeds);
    return /** @type {Promise<Record<string, Tensor>>} */ (this.#thread.ask({ kind: 'run', feeds: tensors }));
  }

  /** Ends the model's thread, which frees its memory. */
  dispose() {
    this.#thread.end('disposed', 'the model was disposed of');
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
