/**
 * Keeps the artifact usable without a network: what was fetched once from this folder is answered from the cache when the
 * network does not answer. The manifest and
 * what the loader checks against it are not kept here but by the loader, so that they always belong together.
 *
 * @typedef {Event & { waitUntil(work: Promise<unknown>): void }} LifecycleEvent
 * @typedef {Event & { readonly request: Request, respondWith(answer: Promise<Response>): void }} FetchRequestEvent
 * @typedef {{ readonly clients: { claim(): Promise<void> }, skipWaiting(): Promise<void>,
 *   readonly registration: { readonly scope: string },
 *   addEventListener(type: 'install' | 'activate', listener: (event: LifecycleEvent) => void): void,
 *   addEventListener(type: 'fetch', listener: (event: FetchRequestEvent) => void): void }} ServiceWorkerScope
 */

const scope = /** @type {ServiceWorkerScope} */ (/** @type {unknown} */ (self));

/** Files of the loader's own cache: the manifest, models, whose names begin so, and wasm. */
const KEPT_ELSEWHERE = /\/(?:manifest\.json|model\.[^/]*|[^/]*\.wasm)$/;

scope.addEventListener('install', (event) => event.waitUntil(keepAll().then(() => scope.skipWaiting())));
scope.addEventListener('activate', (event) => event.waitUntil(scope.clients.claim()));
scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const inside = request.url.startsWith(scope.registration.scope);
  if (request.method !== 'GET' || !inside || KEPT_ELSEWHERE.test(new URL(request.url).pathname)) return;
  event.respondWith(networkFirst(request));
});

/** Fetches what the page was loaded from before this worker stood between it and the network. */
async function keepAll() {
  const cache = await openCache();
  const { files } = await (await fetch('manifest.json')).json();
  const paths = /** @type {{ path: string }[]} */ (files).map(({ path }) => path);
  await cache.addAll(['./', ...paths.filter((path) => !KEPT_ELSEWHERE.test(`/${path}`))]);
}

function openCache() {
  return caches.open(`modelpress page ${scope.registration.scope}`);
}

/** @param {Request} request */
async function networkFirst(request) {
  const cache = await openCache();
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(request);
    if (kept === undefined) throw error;
    return kept;
  }
}
