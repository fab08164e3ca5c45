import { setTimeout as sleep } from 'node:timers/promises';

/** @import { FastifyInstance } from 'fastify' */
/** @import { InferencePool } from './inference-pool.mjs' */
/** @import { ServerOptions } from './options.mjs' */

/** Time for the last lines of the log to leave the process, in milliseconds; SIGKILL would take them along. */
const LOG_MS = 50;

/**
 * Stops the server on SIGTERM and SIGINT: readiness says no at once, after the drain delay no connection is accepted
 * any more, requests in flight are answered, and the process ends with 0. What takes longer than the deadline is dropped,
 * see `endNow`; so is everything on a second signal.
 *
 * @param {{ app: FastifyInstance, pool: InferencePool, state: { phase: 'serving' | 'draining', inFlight: number },
 *   options: ServerOptions }} server
 */
export function stopOnSignals({ app, pool, state, options }) {
  const deadlineMs = options['shutdown-timeout-ms'];

  /** @param {NodeJS.Signals} signal */
  const stop = async (signal) => {
    if (state.phase === 'draining') {
      app.log.warn({ signal, inFlight: state.inFlight }, 'stopped at once by a second signal');
      await endNow(pool);
    }
    state.phase = 'draining';
    app.log.info({ signal, inFlight: state.inFlight }, 'stopping');
    await sleep(options['drain-delay-ms']);
    const finished = app.close().then(() => pool.close());
    if (await Promise.race([finished.then(() => true), sleep(deadlineMs, false)])) {
      app.log.info('stopped');
      process.exit(0);
    }
    app.log.error({ inFlight: state.inFlight }, `requests were dropped after ${deadlineMs} ms`);
    await endNow(pool);
  };
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT'])) process.on(signal, stop);
}

/**
 * Ends the process without waiting: with code 1, or by SIGKILL while the runtime is at work, which nothing else stops
 * without a crash.
 *
 * @param {InferencePool} pool
 * @returns {Promise<never>}
 */
export async function endNow(pool) {
  await sleep(LOG_MS);
  if (pool.busy()) process.kill(process.pid, 'SIGKILL');
  process.exit(1);
}
