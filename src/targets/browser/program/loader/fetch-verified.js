import { LoadError } from './load-error.js';

/** @import { ListedFile } from './manifest.js' */

/**
 * Where files are kept between visits and without a network; undefined where the page may not (no secure context).
 *
 * @param {string} modelName
 * @returns {Promise<Cache | undefined>}
 */
export async function openCache(modelName) {
  if (typeof caches === 'undefined') return undefined;
  // A browser may refuse in private windows or when its storage is full: the model then loads from the network.
  return caches.open(`modelpress ${modelName}`).catch(() => undefined);
}

/**
 * The bytes of a file, from the cache or the network, compared with the sha256 of the manifest. A cached file that
 * differs is thrown away and fetched anew; a fetched one that differs is refused.
 *
 * @param {string} url
 * @param {ListedFile} file
 * @param {{ readonly cache: Cache | undefined, readonly verify: boolean }} options
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function fetchVerified(url, file, { cache, verify }) {
  const key = cacheKey(file.sha256);
  const cached = await cache?.match(key);
  if (cached !== undefined) {
    const bytes = new Uint8Array(await cached.arrayBuffer());
    if (!verify || (await sha256Of(bytes)) === file.sha256) return bytes;
    await cache?.delete(key);
  }
  const bytes = await download(url);
  if (verify) {
    const found = await sha256Of(bytes);
    if (found !== file.sha256) {
      throw new LoadError('file-differs', `${file.path} has sha256 ${found}, the manifest says ${file.sha256}`);
    }
  }
  // A full disk costs the next visit a download, not this one its answer.
  if (!url.startsWith('data:')) await cache?.put(key, new Response(bytes)).catch(() => undefined);
  return bytes;
}

/**
 * Removes cached files that this manifest does not list: those of earlier versions.
 *
 * @param {Cache | undefined} cache
 * @param {readonly ListedFile[]} files
 */
export async function forgetOthers(cache, files) {
  if (cache === undefined) return;
  const wanted = new Set(files.map(({ sha256 }) => cacheKey(sha256)));
  for (const { url } of await cache.keys()) {
    if (url.includes(KEY_PATH) && !wanted.has(url)) await cache.delete(url);
  }
}

/** Path of the addresses that stand for contents; nothing is ever fetched from there. */
const KEY_PATH = '/.modelpress-sha256/';

/** @param {string} sha256 */
function cacheKey(sha256) {
  return new URL(KEY_PATH + sha256, location.origin).href;
}

/** @param {string} url */
async function download(url) {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LoadError('file-unreachable', `${url} cannot be fetched: ${reason}`, { cause: error });
  }
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function sha256Of(bytes) {
  if (typeof crypto === 'undefined' || crypto.subtle === undefined) {
    throw new LoadError(
      'file-unverifiable',
      'browsers compute sha256 only for pages from https or localhost; serve the page so, or load with { verify: false }',
    );
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
