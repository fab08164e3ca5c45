/**
 * What stopped loading or a prediction. `code` is stable: `manifest-unreadable`, `candidate-unknown`, `candidate-failed`,
 * `nothing-loads`, `file-unreachable`, `file-differs`, `file-unverifiable`, `runtime-failed`, `feed-missing`, `feed-unknown`, `feed-type`,
 * `feed-shape`, `disposed`.
 */
export class LoadError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {{ cause?: unknown }} [options]
   */
  constructor(code, message, options) {
    super(message, options);
    this.name = 'LoadError';
    this.code = code;
  }
}

/**
 * A failure as it crosses from one thread to another.
 *
 * @typedef {{ readonly code: string, readonly message: string }} Failure
 */

/**
 * @param {unknown} error
 * @param {string} code for what has none of its own
 * @returns {Failure}
 */
export function failureOf(error, code) {
  if (error instanceof LoadError) return { code: error.code, message: error.message };
  return { code, message: error instanceof Error ? error.message : String(error) };
}
