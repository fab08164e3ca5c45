import { createRequire } from 'node:module';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { DataType } from '../ir/dtype.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Port, Session } from './session.ts';
import { readTfjsArtifacts } from './tfjs-artifacts.ts';
import { TFJS_TIMEOUT_MS, type TfjsArtifacts, type TfjsBackend, TfjsHost, type TfjsTensor } from './tfjs-host.ts';
import { fromTfjsTensor, toTfjsTensor, typeOfName } from './tfjs-tensor.ts';

/** Version of the packages, which is that of the runtime that browser artifacts carry. */
export const TFJS_VERSION: string = createRequire(import.meta.url)('@tensorflow/tfjs-core/package.json').version;

/** How to load a graph model. */
export interface TfjsOptions {
  /**
   * What computes. Default: TensorFlow's library where the optional package `@tensorflow/tfjs-node` is installed, else
   * wasm, for which JavaScript stands in when it lacks a kernel of the model.
   */
  readonly backend?: TfjsBackend;
  /** Longest that loading or one run may take, in milliseconds. Default `TFJS_TIMEOUT_MS`. */
  readonly timeoutMs?: number;
  /** A host to load the model into, which the caller closes. Default: one of the session's own. */
  readonly host?: TfjsHost;
}

/** A session that also says what computes, and how long its runs took. */
export interface TfjsSession extends Session {
  /** `cpu` after a run in which wasm turned out to lack a kernel. */
  readonly backend: TfjsBackend;
  /** Runs `times` times on one feed and returns the milliseconds of each run. */
  time(feed: ReadonlyMap<string, Tensor>, times: number): Promise<readonly number[]>;
}

/**
 * Loads a TensorFlow.js graph model, in a thread with a time limit. Ports have the names and types of its signature:
 * int64 and the narrower integers go in and come out as such, and are computed with in 32 bits.
 *
 * @param model a path to the JSON file, or all files by name, the JSON file first.
 * @throws ModelpressError `runtime-load-failed`; `run` throws `runtime-run-failed`, `runtime-closed` after `close`.
 */
export async function openTfjsSession(
  model: string | ReadonlyMap<string, Uint8Array>,
  options: TfjsOptions = {},
): Promise<TfjsSession> {
  const label = typeof model === 'string' ? model : 'model';
  const host = options.host ?? new TfjsHost(options.timeoutMs ?? TFJS_TIMEOUT_MS);
  const ownsHost = options.host === undefined;
  try {
    const artifacts = readTfjsArtifacts(model);
    const { inputs, outputs } = portsOf(artifacts);
    const loaded = await host.load(artifacts, options.backend);
    return new Loaded({ host, label, ownsHost, inputs, outputs, ...loaded });
  } catch (error) {
    if (ownsHost) await host.close();
    return fail(
      {
        code: 'runtime-load-failed',
        message: `TensorFlow.js cannot load ${label}: ${reasonOf(error)}`,
        at: label,
        hint: 'Check that the JSON file is that of a graph model, with its weights beside it.',
      },
      error,
    );
  }
}

/** The inputs and outputs that a signature states. */
function portsOf({ signature }: TfjsArtifacts): {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
} {
  const { inputs, outputs } = signature as Record<'inputs' | 'outputs', Record<string, SignatureEntry> | undefined>;
  const list = (entries: Record<string, SignatureEntry> | undefined): Port[] =>
    Object.entries(entries ?? {}).map(([name, { dtype, tensorShape }]) => ({
      name,
      dtype: typeOfName(dtype) ?? 'non-tensor',
      dims: (tensorShape?.dim ?? []).map(({ size }) => (Number(size) < 0 ? undefined : Number(size))),
    }));
  return { inputs: list(inputs), outputs: list(outputs) };
}

interface SignatureEntry {
  readonly dtype?: string;
  readonly tensorShape?: { readonly dim?: readonly { readonly size: string | number }[] };
}

interface LoadedModel {
  readonly host: TfjsHost;
  readonly label: string;
  readonly ownsHost: boolean;
  readonly model: number;
  readonly backend: TfjsBackend;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

class Loaded implements TfjsSession {
  readonly runtime = 'tfjs';
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly #model: LoadedModel;
  readonly #generation: number;
  #backend: TfjsBackend;
  #open = true;

  constructor(model: LoadedModel) {
    this.#model = model;
    this.#generation = model.host.generation;
    this.#backend = model.backend;
    this.inputs = model.inputs;
    this.outputs = model.outputs;
  }

  get backend(): TfjsBackend {
    return this.#backend;
  }

  async run(feed: ReadonlyMap<string, Tensor>, wanted?: readonly string[]): Promise<ReadonlyMap<string, Tensor>> {
    const ports = this.outputs.filter(({ name }) => wanted === undefined || wanted.includes(name));
    const { outputs } = await this.#run(feed, ports, 1);
    return new Map(ports.map(({ name, dtype }) => [name, fromTfjsTensor(outputs[name]!, dtype as DataType)]));
  }

  async time(feed: ReadonlyMap<string, Tensor>, times: number): Promise<readonly number[]> {
    return (await this.#run(feed, this.outputs, times)).milliseconds;
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    const { host, model, ownsHost } = this.#model;
    if (ownsHost) await host.close();
    else if (host.generation === this.#generation) await host.release(model).catch(() => undefined);
  }

  async #run(feed: ReadonlyMap<string, Tensor>, wanted: readonly Port[], times: number): ReturnType<TfjsHost['run']> {
    const { host, model, label } = this.#model;
    if (!this.#open) fail({ code: 'runtime-closed', message: `${label}: the session is closed`, at: label });
    try {
      if (host.generation !== this.#generation) throw new Error('the runtime that held it has ended');
      const feeds = Object.fromEntries(this.inputs.map((port) => [port.name, feedOf(port, feed.get(port.name))]));
      const names = wanted.map(({ name }) => name);
      const results = await host.run(model, feeds, names, times);
      this.#backend = results.backend;
      return results;
    } catch (error) {
      return fail(
        {
          code: 'runtime-run-failed',
          message: `TensorFlow.js cannot run ${label}: ${reasonOf(error)}`,
          at: label,
          hint: 'Compare the shapes and types of the data with the inputs that `optimize inspect` lists.',
        },
        error,
      );
    }
  }
}

function feedOf({ name, dtype, dims }: Port, tensor: Tensor | undefined): TfjsTensor {
  if (tensor === undefined) throw new Error(`no tensor for input '${name}'`);
  const fits =
    tensor.dims.length === dims.length && dims.every((dim, k) => dim === undefined || dim === tensor.dims[k]);
  if (tensor.dtype !== dtype || !fits) {
    throw new Error(
      `input '${name}' takes ${dtype}[${dims.map((dim) => dim ?? '?')}], got ${tensor.dtype}[${tensor.dims}]`,
    );
  }
  return toTfjsTensor(tensor);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
