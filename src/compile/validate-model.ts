import { type DatasetSpec, openDataset } from '../data/open-dataset.ts';
import type { Port, Session } from '../runtime/session.ts';
import { type GateResult, judgeDrop } from '../validate/accuracy-gate.ts';
import { type EvaluateOptions, evaluate } from '../validate/evaluate.ts';
import type { Evaluation } from '../validate/evaluation.ts';
import { parseMaxDrop } from '../validate/max-drop.ts';
import { checkOptions } from './check-options.ts';
import { openSession } from './open-session.ts';
import type { OptimizeOptions } from './optimize-options.ts';

/** How to compare a model with the one it stands for. */
export interface ValidateOptions
  extends Pick<OptimizeOptions, 'metric' | 'maxDrop' | 'validationSamples' | 'threads' | 'seed'>,
    Pick<EvaluateOptions, 'onProgress'> {
  /** Path of the model that the candidate is held against. */
  readonly reference: string;
  /** The samples, labelled where accuracy is to be measured. */
  readonly data: string | DatasetSpec;
}

export interface ValidateResult {
  readonly evaluation: Evaluation;
  /** The verdict on `maxDrop`; null where none was given. */
  readonly gate: GateResult | null;
  /** The budget was kept; without one, no output was broken. */
  readonly passed: boolean;
}

/**
 * Runs two models over the same samples, each in the runtime that its file is made for, and compares the candidate with
 * the labels and with the reference's outputs. Of a .tflite candidate, quantized inputs and outputs that are float32 in the
 * reference take and give the numbers that they stand for.
 *
 * @throws ModelpressError where a model, the data or an option cannot be used: `runtime-load-failed`, and the codes of
 * `openSession`, `checkOptions`, `openDataset`, `evaluate` and `judgeDrop`.
 */
export async function validateModel(candidate: string, options: ValidateOptions): Promise<ValidateResult> {
  const { reference, data, onProgress, ...given } = options;
  const { metric, maxDrop, validationSamples: limit, threads, seed } = checkOptions(given);
  const sessions: Session[] = [];
  const open = async (path: string, floatPort?: (port: Port) => boolean): Promise<Session> => {
    const session = await openSession(path, { threads, ...(floatPort !== undefined && { floatPort }) });
    sessions.push(session);
    return session;
  };
  try {
    const source = await open(reference);
    const dataset = await openDataset(data, { inputs: source.inputs, outputs: source.outputs });
    const contender = { name: 'candidate', session: await open(candidate, (port) => isFloatIn(source, port)) };
    const evaluation = await evaluate({ name: 'reference', session: source }, [contender], dataset, {
      seed,
      ...(metric !== undefined && { metrics: [metric] }),
      ...(limit !== undefined && { limit }),
      ...(onProgress !== undefined && { onProgress }),
    });
    const [result] = evaluation.candidates;
    if (result === undefined) throw new RangeError('an evaluation without its candidate');
    const gate = maxDrop === undefined ? null : judgeDrop(result, parseMaxDrop(maxDrop));
    return { evaluation, gate, passed: gate?.passed ?? result.failures.samples === 0 };
  } finally {
    for (const session of sessions) await session.close();
  }
}

function isFloatIn({ inputs, outputs }: Session, { name }: Port): boolean {
  return [...inputs, ...outputs].some((port) => port.name === name && port.dtype === 'float32');
}
