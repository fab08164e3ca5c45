import Fastify from 'fastify';
import { RequestError } from './request-error.mjs';
import { addModelRoutes, addOperationRoutes } from './routes.mjs';

/** @import { FastifyError, FastifyInstance } from 'fastify' */
/** @import { Service } from './routes.mjs' */

/** Longer than any model name, so that a long one is told to be unknown instead of being cut. */
const MAX_PARAM_LENGTH = 512;

/** The status that requests are counted under whose client did not wait for the answer, as nginx logs it. */
const CLIENT_HUNG_UP = 499;

/**
 * The HTTP server: limits, logs, metrics and errors around the routes. Every error has the body `{"error": "..."}`.
 *
 * Any content type is read as JSON, since `curl -d` sends a form's by default and TensorFlow Serving takes it too.
 *
 * @param {Service['options']} options
 * @returns {FastifyInstance}
 */
export function createHttpApp(options) {
  const app = Fastify({
    logger: { level: options['log-level'], base: null },
    bodyLimit: options['max-body-bytes'],
    requestTimeout: options['request-timeout-ms'],
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    // Requests that arrive on open connections while the server stops are answered like any other.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((/** @type {FastifyError | RequestError} */ error, request, reply) => {
    const status = error instanceof RequestError ? error.status : (error.statusCode ?? 500);
    if (status >= 500 && !(error instanceof RequestError)) request.log.error(error);
    if (error instanceof RequestError && error.retryAfterSeconds !== undefined) {
      reply.header('retry-after', error.retryAfterSeconds);
    }
    return reply.code(status).send({ error: status === 500 ? 'internal error, see the log' : error.message });
  });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: `no route ${request.method} ${request.url}` }),
  );
  return app;
}

/**
 * Adds the routes and what goes with all of them: counting, and closing connections while the server stops.
 *
 * @param {FastifyInstance} app
 * @param {Service} service
 */
export function addRoutes(app, service) {
  app.addHook('onRequest', async (request, reply) => {
    // `close` comes for every request, also when the client hangs up.
    reply.raw.once('close', () => {
      const { label = 'other' } = /** @type {{ label?: string }} */ (request.routeOptions.config);
      const status = reply.raw.writableFinished ? reply.statusCode : CLIENT_HUNG_UP;
      service.metrics.request(label, request.method, status, reply.elapsedTime / 1000);
    });
  });
  // An open connection would keep a stopping server from ending.
  app.addHook('onSend', async (_request, reply) => {
    if (service.state.phase === 'draining') reply.header('connection', 'close');
  });
  addModelRoutes(app, service);
  addOperationRoutes(app, service);
}
