import { concatFeeds, rowsOf, splitFeed } from './batch-tensors.mjs';
import { predictResponse, readPredictRequest } from './predict-message.mjs';
import { tooLarge, unavailable } from './request-error.mjs';

/** @import { ServerOptions } from './options.mjs' */
/** @import { Feed, PredictRequest } from './predict-message.mjs' */
/** @import { LoadedModel } from './model-versions.mjs' */
/** @import { Job, Scheduler } from './scheduler.mjs' */

/**
 * Answers one predict request.
 *
 * @param {LoadedModel} model
 * @param {Uint8Array} body
 * @param {{ options: ServerOptions, scheduler: Scheduler, gone: AbortSignal,
 *   observe: (feed: Feed, instances: number) => void }} context `gone` tells that the client hung up
 * @returns {Promise<string>} JSON
 * @throws {import('./request-error.mjs').RequestError}
 */
export async function predict(model, body, { options, scheduler, gone, observe }) {
  const maxInstances = options['max-instances'];
  const request = readPredictRequest(body, model.ports, { maxInstances });
  const finish = new AbortController();
  const milliseconds = options['request-timeout-ms'];
  const timer = setTimeout(() => finish.abort(unavailable(`no answer within ${milliseconds} ms`)), milliseconds);
  const leave = () => finish.abort(unavailable('the client hung up'));
  gone.addEventListener('abort', leave, { once: true });
  try {
    const jobs = planRuns(request, model, { maxRows: options['max-batch-size'], maxInstances, signal: finish.signal });
    observe(
      request.feed,
      jobs.reduce((sum, { rows }) => sum + rows, 0),
    );
    const outputs = await Promise.race([scheduler.submit(jobs), aborted(finish.signal)]);
    return predictResponse(request, concatFeeds(outputs), { nonFinite: options['non-finite'] });
  } finally {
    clearTimeout(timer);
    gone.removeEventListener('abort', leave);
    // Drops what still waits of a request that failed in part.
    finish.abort(unavailable('the request has ended'));
  }
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<never>}
 */
function aborted(signal) {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/**
 * The runs that a request takes: a mergeable model gets pieces of up to `maxRows` instances, a model of fixed batch size
 * pieces of that size, any other the whole request.
 *
 * @param {PredictRequest} request
 * @param {LoadedModel} model
 * @param {{ maxRows: number, maxInstances: number, signal: AbortSignal }} limits
 * @returns {Job[]}
 */
function planRuns({ form, feed }, { key, ports, batching }, { maxRows, maxInstances, signal }) {
  const rows = rowsOf(feed);
  const mergeable = batching.mergeable && rows !== undefined && rows > 0;
  if (mergeable && rows > maxInstances) {
    throw tooLarge(`${rows} instances, at most ${maxInstances} are taken in one request`);
  }
  const fixed = new Set(ports.inputs.map(({ dims }) => dims[0]).filter((dim) => typeof dim === 'number'));
  const piece = mergeable ? maxRows : form === 'row' && fixed.size === 1 ? [...fixed][0] : undefined;
  const counts = rows === undefined || piece === undefined ? [rows ?? 1] : pieces(rows, piece);
  return splitFeed(feed, counts).map((part, i) => ({
    model: key,
    feed: part,
    rows: counts[i] ?? 1,
    mergeable,
    signal,
  }));
}

/**
 * @param {number} total
 * @param {number} size
 */
function pieces(total, size) {
  return Array.from({ length: Math.ceil(total / size) }, (_, i) => Math.min(size, total - i * size));
}
