import { Worker } from 'node:worker_threads';

const WORKER = new URL('./litert-worker.mjs', import.meta.url);

/** Longest that one request may take unless told, in milliseconds: a malformed model can loop for ever. */
export const LITERT_TIMEOUT_MS = 60_000;

/** What the module says when it is of no more use. */
const ABORTED = /Aborted\(|RuntimeError|memory access out of bounds|unreachable/;

/** An input or output as LiteRT declares it; `elementType` is its own number of the type. */
export interface LiteRtPort {
  readonly name: string;
  readonly elementType: number;
  readonly dims: readonly number[];
}

export interface LiteRtLoaded {
  /** The number by which the host knows the model. */
  readonly model: number;
  readonly inputs: readonly LiteRtPort[];
  readonly outputs: readonly LiteRtPort[];
}

export interface LiteRtResults {
  readonly outputs: readonly { readonly bytes: Uint8Array; readonly dims: readonly number[] }[];
  /** Time of each run. */
  readonly milliseconds: readonly number[];
}

type Request =
  | { readonly kind: 'load'; readonly model: number; readonly bytes: Uint8Array; readonly threads: number }
  | { readonly kind: 'run'; readonly model: number; readonly feeds: readonly Uint8Array[]; readonly times: number }
  | { readonly kind: 'close'; readonly model: number };

type Answer =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly message: string };

interface Pending {
  resolve(result: unknown): void;
  reject(reason: Error): void;
}

/**
 * A thread with LiteRT in it, for one model after the other or several at once. A request that takes too long ends the
 * thread; the models in it are then lost, and the next `load` starts another one.
 */
export class LiteRtHost {
  readonly #timeoutMs: number;
  #worker: Worker | undefined;
  /** Grows when a thread is started, so that models of an earlier one are known to be gone. */
  #generation = 0;
  #models = 0;
  #requests = 0;
  readonly #pending = new Map<number, Pending>();

  constructor(timeoutMs = LITERT_TIMEOUT_MS) {
    this.#timeoutMs = timeoutMs;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Loads the bytes of a .tflite file. Rejects with the runtime's reason. */
  async load(bytes: Uint8Array, threads: number): Promise<LiteRtLoaded> {
    this.#start();
    const model = ++this.#models;
    const ports = await this.#ask({ kind: 'load', model, bytes, threads });
    return { ...(ports as Omit<LiteRtLoaded, 'model'>), model };
  }

  /** Runs a loaded model `times` times on the packed bytes of its inputs; the results are those of the last run. */
  run(model: number, feeds: readonly Uint8Array[], times = 1): Promise<LiteRtResults> {
    return this.#ask({ kind: 'run', model, feeds, times }) as Promise<LiteRtResults>;
  }

  /** Lets go of a loaded model. */
  async release(model: number): Promise<void> {
    if (this.#worker !== undefined) await this.#ask({ kind: 'close', model });
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.#end('the host was closed');
  }

  #start(): void {
    if (this.#worker !== undefined) return;
    const worker = new Worker(WORKER, { stdout: true, stderr: true });
    this.#generation++;
    this.#worker = worker;
    worker.unref();
    worker.on('message', (answer: Answer) => {
      const pending = this.#pending.get(answer.id);
      this.#pending.delete(answer.id);
      if (answer.ok) pending?.resolve(answer.result);
      else pending?.reject(new Error(answer.message));
      // After an abort the module's memory is in no known state.
      if (!answer.ok && ABORTED.test(answer.message) && this.#worker === worker) void this.#end(answer.message);
    });
    const lost = (reason: string): void => {
      if (this.#worker === worker) void this.#end(reason);
    };
    worker.on('error', (error) => lost(`the runtime aborted: ${error.message}`));
    worker.on('exit', () => lost('the runtime ended'));
  }

  async #end(reason: string): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    for (const pending of this.#pending.values()) pending.reject(new Error(reason));
    this.#pending.clear();
    await worker?.terminate();
  }

  #ask(request: Request): Promise<unknown> {
    const worker = this.#worker;
    if (worker === undefined) return Promise.reject(new Error('the runtime has ended'));
    const id = ++this.#requests;
    worker.ref();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => void this.#end(`it took longer than ${this.#timeoutMs / 1000} s`),
        this.#timeoutMs,
      );
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
