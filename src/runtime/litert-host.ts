import { TimedThread } from './timed-thread.ts';

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

/**
 * A thread with LiteRT in it, for one model after the other or several at once. A request that takes too long ends the
 * thread; the models in it are then lost, and the next `load` starts another one.
 */
export class LiteRtHost {
  readonly #thread: TimedThread;
  #models = 0;

  constructor(timeoutMs = LITERT_TIMEOUT_MS) {
    this.#thread = new TimedThread(WORKER, { timeoutMs, aborted: ABORTED });
  }

  /** Grows when a thread is started, so that models of an earlier one are known to be gone. */
  get generation(): number {
    return this.#thread.generation;
  }

  /** Loads the bytes of a .tflite file. Rejects with the runtime's reason. */
  async load(bytes: Uint8Array, threads: number): Promise<LiteRtLoaded> {
    this.#thread.start();
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
    if (this.#thread.running) await this.#ask({ kind: 'close', model });
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.#thread.end('the host was closed');
  }

  #ask(request: Request): Promise<unknown> {
    return this.#thread.ask(request);
  }
}
