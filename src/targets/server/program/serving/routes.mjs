import { metadataMessage, statusMessage } from './model-status.mjs';
import { predict } from './predict.mjs';
import { notFound, RequestError, tooMany, unavailable } from './request-error.mjs';

/** @import { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify' */
/** @import { ServerOptions } from './options.mjs' */
/** @import { Feed } from './predict-message.mjs' */
/** @import { Metrics } from './metrics.mjs' */
/** @import { LoadedModel, ModelVersions } from './model-versions.mjs' */
/** @import { Scheduler } from './scheduler.mjs' */

/**
 * What the routes serve. `phase` is `draining` from the first signal to stop.
 *
 * @typedef {object} Service
 * @property {ServerOptions} options
 * @property {ModelVersions} versions
 * @property {Scheduler} scheduler
 * @property {Metrics} metrics
 * @property {((model: LoadedModel, feed: Feed) => void) | undefined} monitor
 * @property {{ phase: 'serving' | 'draining', inFlight: number }} state
 * @property {() => boolean} ready
 *
 * @typedef {{ target: string, version?: string }} ModelParams
 */

/**
 * Adds the routes of the model, in the shapes of TensorFlow Serving's REST API.
 *
 * @param {FastifyInstance} app
 * @param {Service} service
 */
export function addModelRoutes(app, service) {
  const { versions } = service;

  /** @param {string} name */
  const checkName = (name) => {
    if (name !== versions.name) throw notFound(`no model "${name}" here, this server has "${versions.name}"`);
  };
  /** @param {FastifyRequest} request */
  const paramsOf = (request) => {
    const { target, version } = /** @type {ModelParams} */ (request.params);
    const [name = '', verb] = (version ?? target).split(':');
    checkName(version === undefined ? name : target);
    return { verb, version: version === undefined ? undefined : readVersion(name) };
  };
  /** @param {FastifyRequest} request */
  const status = (request) => {
    const { verb, version } = paramsOf(request);
    if (verb !== undefined) throw new RequestError(405, `":${verb}" is asked for with POST`);
    const entries = versions.list().filter((entry) => version === undefined || entry.version === version);
    if (entries.length === 0) throw notFound(`model "${versions.name}" has no version ${version ?? ''}`);
    return statusMessage(entries);
  };
  /** @param {FastifyRequest} request */
  const metadata = (request) => metadataMessage(versions.name, versions.pick(paramsOf(request).version));

  /** @param {FastifyRequest} request @param {FastifyReply} reply */
  const post = async (request, reply) => {
    const { verb, version } = paramsOf(request);
    if (verb !== 'predict')
      throw notFound(`${verb === undefined ? 'no verb' : `":${verb}"`}: this server has ":predict"`);
    const model = versions.pick(version);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const text = await predict(model, bodyOf(request), {
      options: service.options,
      scheduler: service.scheduler,
      gone: gone.signal,
      observe: (feed, instances) => {
        service.metrics.instances(model.version, instances);
        service.monitor?.(model, feed);
      },
    });
    return reply.header('x-model-version', model.version).type('application/json').send(text);
  };

  const base = '/v1/models/:target';
  const versioned = `${base}/versions/:version`;
  app.get(base, { config: { label: '/v1/models/NAME' } }, status);
  app.get(versioned, { config: { label: '/v1/models/NAME/versions/V' } }, status);
  app.get(`${base}/metadata`, { config: { label: '/v1/models/NAME/metadata' } }, metadata);
  app.get(`${versioned}/metadata`, { config: { label: '/v1/models/NAME/versions/V/metadata' } }, metadata);
  const onRequest = admission(service);
  app.post(base, { config: { label: '/v1/models/NAME:predict' }, onRequest }, post);
  app.post(versioned, { config: { label: '/v1/models/NAME/versions/V:predict' }, onRequest }, post);
}

/**
 * Turns predict requests away before their body is read while the server is full.
 *
 * @param {Service} service
 */
function admission({ options, state }) {
  const limit = options['max-concurrency'];
  /** @param {FastifyRequest} _request @param {FastifyReply} reply */
  return async (_request, reply) => {
    if (state.inFlight >= limit) throw tooMany(`${limit} requests are in the server already; try again later`);
    state.inFlight += 1;
    reply.raw.once('close', () => {
      state.inFlight -= 1;
    });
  };
}

/**
 * Adds the routes for those who run the server.
 *
 * @param {FastifyInstance} app
 * @param {Service} service
 */
export function addOperationRoutes(app, { metrics, ready, state }) {
  const quiet = { logLevel: /** @type {const} */ ('warn') };
  app.get('/healthz', { ...quiet, config: { label: '/healthz' } }, () => ({ status: 'alive' }));
  app.get('/readyz', { ...quiet, config: { label: '/readyz' } }, () => {
    if (state.phase === 'draining') throw unavailable('the server is stopping');
    if (!ready()) throw unavailable('the model is still loading');
    return { status: 'ready' };
  });
  app.get('/metrics', { ...quiet, config: { label: '/metrics' } }, async (_request, reply) => {
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
}

/** @param {string} text */
function readVersion(text) {
  if (!/^\d{1,15}$/.test(text)) throw notFound(`"${text}" is no version, expected a whole number`);
  return Number(text);
}

/** @param {FastifyRequest} request */
function bodyOf(request) {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new RequestError(415, `content-encoding is ${encoding}, expected a plain body`);
  }
  return request.body instanceof Uint8Array ? request.body : new Uint8Array();
}
