import { setTimeout as sleep } from 'node:timers/promises';

/** @import { FastifyInstance } from 'fastify' */
/** @import { InferencePool } from './inference-pool.mjs' */
/** @import { ServerOptions } from './options.mjs' */

/**
 * Stops the server on SIGTERM and SIGINT: readiness says no at once, after the drain delay no connection is accepted
 * any more, requests in flight are answered, and the process ends with 0. It ends with 1 when that takes longer than the
 * deadline, and at once on a second signal.
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
      process.exit(1);
    }
    state.phase = 'draining';
    app.log.info({ signal, inFlight: state.inFlight }, 'stopping');
    await sleep(options['drain-delay-ms']);
    const closed = await Promise.race([app.close().then(() => true), sleep(deadlineMs, false)]);
    if (!closed) app.log.error({ inFlight: state.inFlight }, `requests were dropped after ${deadlineMs} ms`);
    await pool.close();
    app.log.info('stopped');
    process.exit(closed ? 0 : 1);
  };
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT'])) process.on(signal, stop);
}
