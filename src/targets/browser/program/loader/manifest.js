import { LoadError } from './load-error.js';

/** @import { Port } from './tensor.js' */

/**
 * What the loader reads of manifest.json.
 *
 * @typedef {{ readonly path: string, readonly bytes: number, readonly sha256: string }} ListedFile
 *
 * One way to run the model: `files` is what it has to download beside its runtime, the file to open first; `config` are
 * entries of the runtime's own configuration; `shapes` has the inputs that this file takes in one shape only, where the
 * model takes others too.
 * @typedef {{ readonly file: string, readonly runtime: string, readonly precision: string, readonly files: readonly string[],
 *   readonly config: Readonly<Record<string, string>>, readonly shapes: Readonly<Record<string, readonly number[]>> }} Candidate
 *
 * @typedef {{ readonly model: { readonly name: string, readonly version: number }, readonly files: readonly ListedFile[],
 *   readonly inputs: readonly Port[], readonly outputs: readonly Port[],
 *   readonly browser: { readonly candidates: readonly Candidate[] } }} Manifest
 */

/**
 * Fetches manifest.json, past the browser's HTTP cache, so that a new version of the model is noticed; where there is no
 * network, takes the one that was kept.
 *
 * @param {string} url
 * @param {Cache | undefined} cache
 * @returns {Promise<{ readonly manifest: Manifest, readonly keep: () => Promise<void> }>} `keep` is for when the files of
 *   this manifest are kept too: until then the earlier one, whose files are there, stays
 */
export async function fetchManifest(url, cache) {
  const inline = url.startsWith('data:');
  let response;
  try {
    response = await fetch(url, inline ? {} : { cache: 'no-cache' });
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
  } catch (error) {
    response = await cache?.match(url);
    if (response === undefined) {
      throw new LoadError('manifest-unreadable', `${url} cannot be fetched: ${reasonOf(error)}`, { cause: error });
    }
  }
  const copy = response.clone();
  const manifest = await response.json().catch(() => undefined);
  if (!Array.isArray(manifest?.files) || !Array.isArray(manifest?.browser?.candidates)) {
    throw new LoadError('manifest-unreadable', `${url} is not the manifest of a browser artifact`);
  }
  // A full disk costs the next visit a download, not this one its model.
  const keep = async () => (inline ? undefined : cache?.put(url, copy).catch(() => undefined));
  return { manifest, keep };
}

/**
 * The candidates in the order to try them: the one asked for alone, or all as the manifest ranks them.
 *
 * @param {Manifest} manifest
 * @param {string | undefined} file
 * @returns {readonly Candidate[]}
 */
export function candidatesToTry({ browser: { candidates } }, file) {
  if (file === undefined) return candidates;
  const chosen = candidates.filter((candidate) => candidate.file === file);
  if (chosen.length > 0) return chosen;
  const known = candidates.map((candidate) => candidate.file).join(', ');
  throw new LoadError('candidate-unknown', `there is no model file '${file}'; there are ${known}`);
}

/** @param {unknown} error */
function reasonOf(error) {
  return error instanceof Error ? error.message : String(error);
}
