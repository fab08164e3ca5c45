import { join } from 'node:path';
import { addRoutes, createHttpApp } from './http-app.mjs';
import { createInferencePool } from './inference-pool.mjs';
import { createInputMonitor } from './input-monitor.mjs';
import { readManifest } from './manifest.mjs';
import { createMetrics } from './metrics.mjs';
import { createModelVersions } from './model-versions.mjs';
import { createScheduler } from './scheduler.mjs';
import { endNow, stopOnSignals } from './shutdown.mjs';

/** @import { FastifyInstance } from 'fastify' */
/** @import { ServerOptions } from './options.mjs' */
/** @import { VersionEntry } from './model-versions.mjs' */

/**
 * Serves the model in `root` until a signal stops it.
 *
 * Prints one line of JSON on stdout when it listens, `{"event":"listening","host":...,"port":...}`, whatever the level
 * of the log is. Ends the process when an inference thread is lost.
 *
 * @param {string} root
 * @param {ServerOptions} options
 * @returns {Promise<void>} once the model is ready
 * @throws {Error} when a version cannot be served
 */
export async function serve(root, options) {
  const manifest = await readManifest(root);
  if (manifest === undefined) throw new Error(`${join(root, 'manifest.json')} is missing`);
  const app = createHttpApp(options);
  const pool = createInferencePool({
    workers: options.workers,
    threads: options.threads,
    onCrash: (error) => {
      app.log.fatal(error, 'an inference thread is gone');
      void endNow(pool);
    },
  });
  const state = { phase: /** @type {'serving' | 'draining'} */ ('serving'), inFlight: 0 };
  const scheduler = createScheduler({
    pool,
    maxQueue: options['max-queue'],
    maxRows: options['max-batch-size'],
    delayMs: options['max-batch-delay-ms'],
    onRun: (record) => metrics.run(versionOf(record.model), record),
  });
  const versions = createModelVersions({
    name: manifest.model.name,
    root,
    rootVersion: manifest.model.version,
    versionsDir: options['versions-dir'] || join(root, 'versions'),
    format: options.format,
    batching: options.batching,
    pool,
    scheduler,
    onChange: (entry) => logVersion(app, entry),
  });
  const ready = () => state.phase === 'serving' && versions.newest() !== undefined;
  const metrics = createMetrics({
    versions,
    queued: scheduler.queued,
    running: scheduler.running,
    inFlight: () => state.inFlight,
    ready,
  });
  const monitor = options.monitor === 'on' ? createInputMonitor(metrics.registry).observe : undefined;
  addRoutes(app, { options, versions, scheduler, metrics, monitor, state, ready });
  stopOnSignals({ app, pool, state, options });

  await app.listen({
    host: options.host,
    port: options.port,
    listenTextResolver: (address) => `listening at ${address}`,
  });
  const [address] = app.addresses();
  const port = typeof address === 'object' ? address.port : options.port;
  const { name, version } = manifest.model;
  process.stdout.write(`${JSON.stringify({ event: 'listening', host: options.host, port, model: name, version })}\n`);

  const [failure] = await versions.rescan();
  if (stopping(state)) return;
  if (failure !== undefined) throw new Error(`version ${failure.version} cannot be served: ${failure.error}`);
  app.log.info({ model: name, version: versions.newest()?.version }, 'ready');
  watchVersions(app, versions.rescan, options['poll-versions-ms']);
}

/** @param {{ phase: 'serving' | 'draining' }} state */
function stopping({ phase }) {
  return phase === 'draining';
}

/** @param {string} key of a loaded model, which starts with its version */
function versionOf(key) {
  return Number.parseInt(key, 10);
}

/**
 * Looks for other versions on SIGHUP, and every `pollMs` where that is not 0.
 *
 * @param {FastifyInstance} app
 * @param {() => Promise<unknown>} rescan
 * @param {number} pollMs
 */
function watchVersions(app, rescan, pollMs) {
  const look = () => rescan().catch((error) => app.log.error(error, 'the versions cannot be read'));
  process.on('SIGHUP', look);
  /** @returns {void} */
  const poll = () => void setTimeout(() => look().then(poll), pollMs).unref();
  if (pollMs > 0) poll();
}

/**
 * @param {FastifyInstance} app
 * @param {VersionEntry} entry
 */
function logVersion(app, entry) {
  const { version, state } = entry;
  switch (state) {
    case 'AVAILABLE': {
      const { sha256, batching, coldReason, ports } = entry.model;
      app.log.info({ version, state, sha256, merging: batching }, 'version available');
      if (sha256 === undefined)
        app.log.warn({ version }, 'no manifest.json beside the model: its files are not verified');
      if (coldReason !== undefined) app.log.warn({ version, coldReason }, 'the model could not be warmed up');
      if (ports.skipped.length > 0)
        app.log.warn({ version, outputs: ports.skipped }, 'outputs that are no tensors are not served');
      return;
    }
    case 'END':
      app.log.error({ version, state, error: entry.error }, 'version cannot be served');
      return;
    case 'LOADING':
    case 'UNLOADING':
      app.log.info({ version, state }, 'version changes');
      return;
  }
}
