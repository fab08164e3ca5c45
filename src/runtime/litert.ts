import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { DataType } from '../ir/dtype.ts';
import { type Tensor, tensorByteLength, tensorBytes, tensorFromBytes } from '../ir/tensor.ts';
import { LITERT_TIMEOUT_MS, LiteRtHost, type LiteRtLoaded, type LiteRtPort } from './litert-host.ts';
import type { Port, Session, SessionOptions } from './session.ts';

/** Version of the package, which is that of the runtime that browser artifacts carry. */
export const LITERT_VERSION: string = createRequire(import.meta.url)('@litertjs/core/package.json').version;

/** LiteRT's numbers of the element types that a tensor can have here. */
const ELEMENT_TYPES: Readonly<Record<number, DataType>> = {
  1: 'float32',
  2: 'int32',
  3: 'uint8',
  4: 'int64',
  6: 'bool',
  7: 'int16',
  9: 'int8',
  10: 'float16',
  11: 'float64',
  13: 'uint64',
  16: 'uint32',
  17: 'uint16',
};

/** How to load a .tflite model. */
export interface LiteRtOptions extends Pick<SessionOptions, 'threads'> {
  /** Longest that loading or one run may take, in milliseconds. Default `LITERT_TIMEOUT_MS`. */
  readonly timeoutMs?: number;
  /** A host to load the model into, which the caller closes. Default: one of the session's own. */
  readonly host?: LiteRtHost;
}

/** A session that also says how long its runs took. */
export interface LiteRtSession extends Session {
  /** Runs `times` times on one feed and returns the milliseconds of each run. */
  time(feed: ReadonlyMap<string, Tensor>, times: number): Promise<readonly number[]>;
}

/**
 * Loads a .tflite model into LiteRT's wasm build, in a thread with a time limit. Tensors of every type go in and come
 * out by their bytes; a quantized model therefore takes and gives integers (see `withFloatPorts`).
 *
 * @param model a path or the bytes of the file.
 * @throws ModelpressError `runtime-load-failed`; `run` throws `runtime-run-failed`, `runtime-closed` after `close`.
 */
export async function openLiteRtSession(
  model: string | Uint8Array,
  options: LiteRtOptions = {},
): Promise<LiteRtSession> {
  const label = typeof model === 'string' ? model : 'model';
  const bytes = typeof model === 'string' ? readFileSync(model) : model;
  const host = options.host ?? new LiteRtHost(options.timeoutMs ?? LITERT_TIMEOUT_MS);
  try {
    const loaded = await host.load(bytes, options.threads ?? 1);
    return new Loaded({ host, label, loaded, ownsHost: options.host === undefined });
  } catch (error) {
    if (options.host === undefined) await host.close();
    return fail(
      {
        code: 'runtime-load-failed',
        message: `LiteRT cannot load ${label}: ${reasonOf(error)}`,
        at: label,
        hint: 'Check that every operator and operator version of the file is one that this LiteRT has.',
      },
      error,
    );
  }
}

interface LoadedModel {
  readonly host: LiteRtHost;
  readonly label: string;
  readonly loaded: LiteRtLoaded;
  readonly ownsHost: boolean;
}

class Loaded implements LiteRtSession {
  readonly runtime = 'litert';
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly #model: LoadedModel;
  readonly #generation: number;
  #open = true;

  constructor(model: LoadedModel) {
    this.#model = model;
    this.#generation = model.host.generation;
    this.inputs = model.loaded.inputs.map(portOf);
    this.outputs = model.loaded.outputs.map(portOf);
  }

  async run(feed: ReadonlyMap<string, Tensor>, wanted?: readonly string[]): Promise<ReadonlyMap<string, Tensor>> {
    const { outputs } = await this.#run(feed, 1);
    const results = new Map<string, Tensor>();
    for (const [i, port] of this.outputs.entries()) {
      const result = outputs[i];
      if (result === undefined || (wanted !== undefined && !wanted.includes(port.name))) continue;
      results.set(port.name, tensorFromBytes(port.dtype as DataType, result.dims, result.bytes));
    }
    return results;
  }

  async time(feed: ReadonlyMap<string, Tensor>, times: number): Promise<readonly number[]> {
    return (await this.#run(feed, times)).milliseconds;
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    const { host, loaded, ownsHost } = this.#model;
    if (ownsHost) await host.close();
    else if (host.generation === this.#generation) await host.release(loaded.model).catch(() => undefined);
  }

  async #run(feed: ReadonlyMap<string, Tensor>, times: number): ReturnType<LiteRtHost['run']> {
    const { host, loaded, label } = this.#model;
    if (!this.#open) fail({ code: 'runtime-closed', message: `${label}: the session is closed`, at: label });
    const feeds = this.inputs.map((port) => feedBytes(port, feed.get(port.name), label));
    try {
      if (host.generation !== this.#generation) throw new Error('the runtime that held it has ended');
      return await host.run(loaded.model, feeds, times);
    } catch (error) {
      return fail(
        {
          code: 'runtime-run-failed',
          message: `LiteRT cannot run ${label}: ${reasonOf(error)}`,
          at: label,
          hint: 'Compare the shapes and types of the data with the inputs that `optimize inspect` lists.',
        },
        error,
      );
    }
  }
}

/** The bytes of one input, checked: the runtime reads as many as it expects, whatever it is given. */
function feedBytes(port: Port, tensor: Tensor | undefined, label: string): Uint8Array {
  if (tensor === undefined) {
    return fail({
      code: 'runtime-run-failed',
      message: `${label}: no tensor for input '${port.name}'`,
      at: label,
      hint: 'Give every input that `optimize inspect` lists.',
    });
  }
  const expected = port.dims.reduce<number>((product, dim) => product * Number(dim), 1);
  const count = tensor.dims.reduce((product, dim) => product * dim, 1);
  if (tensor.dtype !== port.dtype || expected !== count) {
    fail({
      code: 'runtime-run-failed',
      message:
        `${label}: input '${port.name}' takes ${port.dtype}[${port.dims.join(',')}], ` +
        `got ${tensor.dtype}[${tensor.dims.join(',')}] of ${tensorByteLength(tensor)} bytes`,
      at: label,
      hint: 'A .tflite file has fixed shapes; convert it for the shape of the data.',
    });
  }
  return tensorBytes(tensor);
}

function portOf(port: LiteRtPort): Port {
  return { name: port.name, dtype: ELEMENT_TYPES[port.elementType] ?? 'non-tensor', dims: port.dims };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
