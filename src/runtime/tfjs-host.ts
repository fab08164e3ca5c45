import { TimedThread } from './timed-thread.ts';

const WORKER = new URL('./tfjs-worker.mjs', import.meta.url);

/** Longest that one request may take unless told, in milliseconds. */
export const TFJS_TIMEOUT_MS = 60_000;

/** What the wasm module says when it is of no more use. */
const ABORTED = /Aborted\(|RuntimeError|memory access out of bounds|unreachable/;

/** What computes: TensorFlow.js's wasm or JavaScript kernels, or TensorFlow's library of @tensorflow/tfjs-node. */
export type TfjsBackend = 'wasm' | 'cpu' | 'tensorflow';

/** A tensor as TensorFlow.js holds it. */
export interface TfjsTensor {
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly dims: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** A graph model as TensorFlow.js's loader wants it. */
export interface TfjsArtifacts {
  readonly format: 'graph-model';
  readonly modelTopology: object;
  readonly signature: object;
  readonly weightSpecs: readonly object[];
  readonly weightData: ArrayBuffer;
}

export interface TfjsResults {
  readonly outputs: Readonly<Record<string, TfjsTensor>>;
  /** Time of each run. */
  readonly milliseconds: readonly number[];
  readonly backend: TfjsBackend;
}

/** A thread with TensorFlow.js in it, for one model after the other or several at once. */
export class TfjsHost {
  readonly #thread: TimedThread;
  #models = 0;

  constructor(timeoutMs = TFJS_TIMEOUT_MS) {
    this.#thread = new TimedThread(WORKER, { timeoutMs, aborted: ABORTED });
  }

  /** Grows when a thread is started, so that models of an earlier one are known to be gone. */
  get generation(): number {
    return this.#thread.generation;
  }

  /** Loads a model into a backend; by default TensorFlow's library where it is installed, else wasm. */
  async load(
    artifacts: TfjsArtifacts,
    backend?: TfjsBackend,
  ): Promise<{ readonly model: number; readonly backend: TfjsBackend }> {
    this.#thread.start();
    const model = ++this.#models;
    const loaded = await this.#thread.ask({ kind: 'load', model, artifacts, backend });
    return { model, ...(loaded as { readonly backend: TfjsBackend }) };
  }

  /** Runs a loaded model `times` times; the results are those of the last run. */
  run(
    model: number,
    feeds: Readonly<Record<string, TfjsTensor>>,
    wanted: readonly string[],
    times = 1,
  ): Promise<TfjsResults> {
    return this.#thread.ask({ kind: 'run', model, feeds, wanted, times }) as Promise<TfjsResults>;
  }

  /** Lets go of a loaded model. */
  async release(model: number): Promise<void> {
    if (this.#thread.running) await this.#thread.ask({ kind: 'close', model });
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.#thread.end('the host was closed');
  }
}
