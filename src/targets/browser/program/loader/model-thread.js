import { LoadError } from './load-error.js';

/** @import { OpenRequest, RunRequest, Answer } from './model-worker.js' */

/** A thread with one model in it. Ending it frees the model, the runtime and all their memory. */
export class ModelThread {
  #worker = new Worker(new URL('./model-worker.js', import.meta.url), { type: 'module' });
  #requests = 0;
  /** @type {string | undefined} */
  #ended;
  /** @type {Map<number, { resolve: (result: unknown) => void, reject: (error: Error) => void }>} */
  #pending = new Map();

  constructor() {
    this.#worker.addEventListener('message', (/** @type {MessageEvent<Answer>} */ { data: answer }) => {
      const pending = this.#pending.get(answer.id);
      this.#pending.delete(answer.id);
      if (answer.ok) pending?.resolve(answer.result);
      else pending?.reject(new LoadError(answer.failure.code, answer.failure.message));
    });
    this.#worker.addEventListener('error', (event) => {
      this.end('runtime-failed', `the thread of the model failed: ${event.message || 'its script did not load'}`);
    });
  }

  /**
   * @param {OpenRequest | RunRequest} request
   * @returns {Promise<unknown>}
   */
  ask(request) {
    if (this.#ended !== undefined) return Promise.reject(new LoadError('disposed', this.#ended));
    const id = ++this.#requests;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...request });
    });
  }

  /**
   * Ends the thread; what is under way is rejected.
   *
   * @param {string} code
   * @param {string} message
   */
  end(code, message) {
    this.#ended ??= message;
    this.#worker.terminate();
    for (const { reject } of this.#pending.values()) reject(new LoadError(code, message));
    this.#pending.clear();
  }
}
