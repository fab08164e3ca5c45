import { register } from 'node:module';

/**
 * Preloaded into a server artifact that is run before its own `npm install`: packages that are not found from where it
 * lies are taken from beside modelpress.
 */
register('./fallback-resolver.mjs', import.meta.url);
