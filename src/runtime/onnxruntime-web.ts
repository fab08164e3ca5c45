import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web/wasm';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { Tensor } from '../ir/tensor.ts';
import { fromOrtTensor, ortFeeds, portOf } from './ort-tensor.ts';
import type { OutputValue, Port, Session, SessionOptions } from './session.ts';

/** How to load a model into onnxruntime-web. Threads beyond 1 start workers of the runtime's own. */
export interface OrtWebOptions extends Pick<SessionOptions, 'optimization'> {
  /** Entries of ONNX Runtime's session configuration, by their full keys. */
  readonly config?: Readonly<Record<string, string>>;
}

/** A file beside the model that holds some of its weights, under the name that the model knows it by. */
export interface OrtWebExternalFile {
  readonly path: string;
  readonly data: Uint8Array;
}

/** Version of the package, which is that of the runtime that browser artifacts carry. */
export const ORT_WEB_VERSION: string = ort.env.versions.web ?? ort.env.versions.common;

/** ONNX Runtime's log level that shows errors only; its warnings are about the models that people bring. */
const LOG_ERRORS_ONLY = 3;

/**
 * Loads a model into the wasm build of ONNX Runtime, in this thread. The browser artifact runs in the same build, so a
 * model that loads here has no operator or opset that the browser would miss.
 *
 * @param model a path to a model without external data, or its bytes; external data goes into `external`.
 * @throws ModelpressError `runtime-load-failed`; the session's `run` throws `runtime-run-failed`, and `runtime-closed`
 * after `close`.
 */
export async function openOrtWebSession(
  model: string | Uint8Array,
  options: OrtWebOptions = {},
  external: readonly OrtWebExternalFile[] = [],
): Promise<Session> {
  const label = typeof model === 'string' ? model : 'model';
  const bytes = typeof model === 'string' ? readFileSync(model) : model;
  ort.env.wasm.numThreads = 1;
  try {
    const session = await ort.InferenceSession.create(bytes, {
      executionProviders: ['wasm'],
      graphOptimizationLevel: options.optimization ?? 'all',
      logSeverityLevel: LOG_ERRORS_ONLY,
      extra: nested(options.config ?? {}),
      externalData: [...external],
    });
    return new OrtWebSession(session, label);
  } catch (error) {
    return fail(
      {
        code: 'runtime-load-failed',
        message: `onnxruntime-web cannot load ${label}: ${reasonOf(error)}`,
        at: label,
        hint: 'Its wasm build has fewer operators than onnxruntime-node, and at most 4 GB for a model and its activations.',
      },
      error,
    );
  }
}

class OrtWebSession implements Session {
  readonly runtime = 'onnxruntime-web';
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly #label: string;
  #session: ort.InferenceSession | undefined;

  constructor(session: ort.InferenceSession, label: string) {
    this.#session = session;
    this.#label = label;
    this.inputs = session.inputMetadata.map(portOf);
    this.outputs = session.outputMetadata.map(portOf);
  }

  async run(feed: ReadonlyMap<string, Tensor>, wanted?: readonly string[]): Promise<ReadonlyMap<string, OutputValue>> {
    const session =
      this.#session ??
      fail({ code: 'runtime-closed', message: `${this.#label}: the session is closed`, at: this.#label });
    // Like onnxruntime-node, the wasm build cannot return sequences and maps.
    const fetches = wanted ?? this.outputs.filter((port) => port.dtype !== 'non-tensor').map((port) => port.name);
    try {
      const results = await session.run(ortFeeds(ort.Tensor, this.inputs, feed), [...fetches]);
      const outputs = new Map<string, OutputValue>();
      for (const [name, result] of Object.entries(results)) outputs.set(name, fromOrtTensor(result as ort.Tensor));
      return outputs;
    } catch (error) {
      return fail(
        {
          code: 'runtime-run-failed',
          message: `onnxruntime-web cannot run ${this.#label}: ${reasonOf(error)}`,
          at: this.#label,
          hint: 'Compare the shapes and types of the data with the inputs that `optimize inspect` lists.',
        },
        error,
      );
    }
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.release();
  }
}

/** `{ 'session.x': '1' }` as `{ session: { x: '1' } }`, which is how the JavaScript API takes configuration entries. */
function nested(config: Readonly<Record<string, string>>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    const names = key.split('.');
    let at = root;
    for (const name of names.slice(0, -1)) {
      at[name] ??= {};
      at = at[name] as Record<string, unknown>;
    }
    at[names.at(-1)!] = value;
  }
  return root;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
