import { Worker } from 'node:worker_threads';

type Answer =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly message: string };

interface Pending {
  resolve(result: unknown): void;
  reject(reason: Error): void;
}

/** How a thread is watched. */
export interface TimedThreadOptions {
  /** Longest that one request may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Messages of failures after which the thread is of no more use. */
  readonly aborted: RegExp;
}

/**
 * A thread for a runtime that a bad model can abort or hang: it answers each request with one message of the same number,
 * and is ended by a request that takes too long. What was in it is then lost; the next `start` starts another one.
 */
export class TimedThread {
  readonly #script: URL;
  readonly #options: TimedThreadOptions;
  #worker: Worker | undefined;
  /** Grows when a thread is started, so that what an earlier one held is known to be gone. */
  #generation = 0;
  #requests = 0;
  readonly #pending = new Map<number, Pending>();

  constructor(script: URL, options: TimedThreadOptions) {
    this.#script = script;
    this.#options = options;
  }

  get generation(): number {
    return this.#generation;
  }

  get running(): boolean {
    return this.#worker !== undefined;
  }

  /** Starts the thread unless it runs. It does not keep the process alive but while a request is under way. */
  start(): void {
    if (this.#worker !== undefined) return;
    const worker = new Worker(this.#script, { stdout: true, stderr: true });
    this.#generation++;
    this.#worker = worker;
    worker.unref();
    worker.on('message', (answer: Answer) => {
      const pending = this.#pending.get(answer.id);
      this.#pending.delete(answer.id);
      if (answer.ok) pending?.resolve(answer.result);
      else pending?.reject(new Error(answer.message));
      // After an abort the runtime's memory is in no known state.
      if (!answer.ok && this.#options.aborted.test(answer.message) && this.#worker === worker)
        void this.end(answer.message);
    });
    const lost = (reason: string): void => {
      if (this.#worker === worker) void this.end(reason);
    };
    worker.on('error', (error) => lost(`the runtime aborted: ${error.message}`));
    worker.on('exit', () => lost('the runtime ended'));
  }

  /** Ends the thread; what is under way is rejected. */
  async end(reason: string): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    for (const pending of this.#pending.values()) pending.reject(new Error(reason));
    this.#pending.clear();
    await worker?.terminate();
  }

  /** Rejects with the runtime's reason, also when no thread runs. */
  ask(request: object): Promise<unknown> {
    const worker = this.#worker;
    if (worker === undefined) return Promise.reject(new Error('the runtime has ended'));
    const { timeoutMs } = this.#options;
    const id = ++this.#requests;
    worker.ref();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => void this.end(`it took longer than ${timeoutMs / 1000} s`), timeoutMs);
      const settled = (): void => {
        clearTimeout(timer);
        if (this.#pending.size === 0) worker.unref();
      };
      this.#pending.set(id, {
        resolve: (result) => {
          settled();
          resolve(result);
        },
        reject: (reason) => {
          settled();
          reject(reason);
        },
      });
      worker.postMessage({ id, ...request });
    });
  }
}
