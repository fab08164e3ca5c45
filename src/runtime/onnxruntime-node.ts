import * as ort from 'onnxruntime-node';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { Tensor } from '../ir/tensor.ts';
import { fromOrtTensor, ortFeeds, portOf } from './ort-tensor.ts';
import type { OutputValue, Port, Session, SessionOptions } from './session.ts';

// From 1.30 on ONNX Runtime reports its use to its makers over HTTPS and leaves a log and an identifier on the machine,
// unless this says otherwise when the first session is made. Whoever wants that sets the variable to 0.
process.env.ORT_DISABLE_TELEMETRY ??= '1';

/** ONNX Runtime's log level that shows errors only; its warnings are about the models that people bring. */
const LOG_ERRORS_ONLY = 3;

/** And the one that does not even show those, which are thrown as well. */
const LOG_FATAL_ONLY = 4;

/** The session options of onnxruntime-node that stand for ours. */
export function ortOptions(options: SessionOptions = {}): ort.InferenceSession.SessionOptions {
  return {
    executionProviders: ['cpu'],
    intraOpNumThreads: options.threads ?? 1,
    interOpNumThreads: 1,
    enableCpuMemArena: options.arena ?? true,
    graphOptimizationLevel: options.optimization ?? 'all',
    logSeverityLevel: options.quiet ? LOG_FATAL_ONLY : LOG_ERRORS_ONLY,
    ...(options.optimizedModelPath === undefined ? {} : { optimizedModelFilePath: options.optimizedModelPath }),
    ...(options.externalData === undefined
      ? {}
      : { externalData: [{ path: options.externalData.location, data: options.externalData.bytes }] }),
    // Spinning workers double the latency of a busy machine and measure the spinning.
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  };
}

/**
 * Loads a model into ONNX Runtime's CPU provider.
 *
 * @param model a path (external data is found beside it) or the bytes of a model, with its external data in the options.
 * @throws ModelpressError `runtime-load-failed`; the session's `run` throws `runtime-run-failed`.
 */
export async function openOrtSession(model: string | Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const label = typeof model === 'string' ? model : 'model';
  let session: ort.InferenceSession;
  try {
    // The two overloads differ in their first parameter only.
    session = await (typeof model === 'string'
      ? ort.InferenceSession.create(model, ortOptions(options))
      : ort.InferenceSession.create(model, ortOptions(options)));
  } catch (error) {
    return fail(
      {
        code: 'runtime-load-failed',
        message: `onnxruntime-node cannot load ${label}: ${reasonOf(error)}`,
        at: label,
        hint: 'Check with `optimize inspect` that every operator is one that ONNX Runtime has.',
      },
      error,
    );
  }
  return new OrtSession(session, label);
}

class OrtSession implements Session {
  readonly runtime = 'onnxruntime-node';
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
    // onnxruntime-node cannot return sequences and maps: it fails the whole run when one is asked for.
    const fetches = wanted ?? this.outputs.filter((port) => port.dtype !== 'non-tensor').map((port) => port.name);
    if (fetches.length === 0) {
      return fail({
        code: 'runtime-no-tensor-output',
        message: `${this.#label} gives sequences or maps only (${this.outputs.map(({ name }) => name).join(', ')}), which onnxruntime-node cannot return`,
        at: this.#label,
        hint: 'Export the model with tensors for outputs: without ZipMap, or with the sequence concatenated.',
      });
    }
    const feeds = ortFeeds(ort.Tensor, this.inputs, feed);
    let results: ort.InferenceSession.ReturnType;
    try {
      results = await session.run(feeds, [...fetches]);
    } catch (error) {
      return fail(
        {
          code: 'runtime-run-failed',
          message: `onnxruntime-node cannot run ${this.#label}: ${reasonOf(error)}`,
          at: this.#label,
          hint: 'Compare the shapes and types of the data with the inputs that `optimize inspect` lists.',
        },
        error,
      );
    }
    const outputs = new Map<string, OutputValue>();
    for (const [name, result] of Object.entries(results)) outputs.set(name, fromOrtTensor(result as ort.Tensor));
    return outputs;
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.release();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
