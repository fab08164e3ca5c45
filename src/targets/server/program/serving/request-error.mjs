/** What an answer other than 2xx carries: its HTTP status, the message of its body, and when to try again. */
export class RequestError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {{ retryAfterSeconds?: number, cause?: unknown }} [more]
   */
  constructor(status, message, more = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'RequestError';
    this.status = status;
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
}

/**
 * The server cannot answer now but will: 503 with Retry-After.
 *
 * @param {string} message
 */
export function unavailable(message) {
  return new RequestError(503, message, { retryAfterSeconds: 1 });
}

/**
 * More is asked than the server's limits let wait: 429 with Retry-After.
 *
 * @param {string} message
 */
export function tooMany(message) {
  return new RequestError(429, message, { retryAfterSeconds: 1 });
}

/** @param {string} message */
export function badRequest(message) {
  return new RequestError(400, message);
}

/** @param {string} message */
export function notFound(message) {
  return new RequestError(404, message);
}

/** @param {string} message */
export function tooLarge(message) {
  return new RequestError(413, message);
}
