import { BACKENDS } from './backend.js';
import { fetchVerified, openCache } from './fetch-verified.js';
import { failureOf, LoadError } from './load-error.js';

/** @import { Opened } from './backend.js' */
/** @import { Failure } from './load-error.js' */
/** @import { Candidate, ListedFile } from './manifest.js' */
/** @import { Tensor } from './tensor.js' */

/**
 * What the thread is told, and what it answers. The first request is always `open`.
 *
 * @typedef {{ readonly kind: 'open', readonly modelName: string, readonly candidate: Candidate,
 *   readonly listed: readonly ListedFile[], readonly urls: Readonly<Record<string, string>>, readonly threads: number,
 *   readonly cache: boolean, readonly verify: boolean }} OpenRequest
 * @typedef {{ readonly kind: 'run', readonly feeds: Readonly<Record<string, Tensor>> }} RunRequest
 * @typedef {{ readonly id: number } & (OpenRequest | RunRequest)} Request
 * @typedef {{ readonly id: number } & ({ readonly ok: true, readonly result: unknown }
 *   | { readonly ok: false, readonly failure: Failure })} Answer
 */

/** @type {Opened | undefined} */
let opened;

/** The end of what was asked so far: a runtime does one thing at a time. */
let last = Promise.resolve();

addEventListener('message', (/** @type {MessageEvent<Request>} */ { data: request }) => {
  last = last.then(async () => {
    try {
      const result = request.kind === 'open' ? await open(request) : await run(request);
      answer({ id: request.id, ok: true, result });
    } catch (error) {
      answer({ id: request.id, ok: false, failure: failureOf(error, 'runtime-failed') });
    }
  });
});

/** @param {OpenRequest} request */
async function open({ modelName, candidate, listed, urls, threads, cache: useCache, verify }) {
  const backend = BACKENDS[candidate.runtime];
  if (backend === undefined)
    throw new LoadError('candidate-failed', `this loader has no runtime '${candidate.runtime}'`);
  const cache = useCache ? await openCache(modelName) : undefined;
  const fetchFile = async (/** @type {string} */ path) => {
    const file = listed.find((one) => one.path === path);
    const url = urls[path];
    if (file === undefined || url === undefined) {
      throw new LoadError('file-unreachable', `${path} is not among the files of the manifest`);
    }
    return fetchVerified(url, file, { cache, verify });
  };
  const { file, files, config } = candidate;
  opened = await backend({ file, files, config, threads, urls, fetchFile });
}

/** @param {RunRequest} request */
async function run({ feeds }) {
  if (opened === undefined) throw new LoadError('runtime-failed', 'the model is not open');
  return opened.run(feeds);
}

/** @param {Answer} message */
function answer(message) {
  postMessage(message);
}
