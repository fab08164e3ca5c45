import { type Diagnostic, note } from '../diagnostics/diagnostic.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { NonTensor, RuntimeName } from '../runtime/session.ts';
import { checkOptions } from './check-options.ts';
import { openSession, type SessionRuntime } from './open-session.ts';
import type { OptimizeOptions } from './optimize-options.ts';
import { runInputs } from './run-inputs.ts';
import { stackOutputs } from './stack-outputs.ts';

/** What to run a model on, and in. */
export interface RunOptions extends Pick<OptimizeOptions, 'threads' | 'seed'> {
  /** A dataset, or `.npy` arrays of single inputs as `name=path`; made up from the seed where absent. */
  readonly input?: readonly string[];
  /** Most samples to run. Default: all that there are. */
  readonly samples?: number;
  readonly runtime?: SessionRuntime;
  /** Quantized inputs and outputs of a .tflite file as the integers that they are, not the numbers they stand for. */
  readonly raw?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

/** What a model answered. */
export interface RunResult {
  readonly runtime: RuntimeName;
  readonly samples: number;
  /** By name; the samples' answers one after the other along the first axis. */
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** Outputs that are sequences or maps, as plain values, one for each sample. */
  readonly others: ReadonlyMap<string, readonly NonTensor['value'][]>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Runs a model file on data in its real runtime and gives back what it answers.
 *
 * @throws ModelpressError `option-invalid`, and those of `openSession`, `runInputs` and the runtime.
 */
export async function runModel(path: string, options: RunOptions = {}): Promise<RunResult> {
  const { input = [], samples: limit, runtime, raw = false, onProgress, ...given } = options;
  const { threads, seed } = checkOptions(given);
  const most = checkedSamples(limit);
  const session = await openSession(path, { runtime, threads, floatPort: () => !raw });
  try {
    const dataset = await runInputs(input, session, seed);
    const total = Math.min(dataset.size, most);
    const answers = [];
    for (let i = 0; i < total; i++) {
      answers.push(await session.run((await dataset.sample(i)).feed));
      onProgress?.(i + 1, total);
    }
    return {
      runtime: session.runtime,
      samples: total,
      ...stackOutputs(answers),
      diagnostics: input.length > 0 ? dataset.notes : [madeUp(path, seed)],
    };
  } finally {
    await session.close();
  }
}

function checkedSamples(limit: number | undefined): number {
  if (limit === undefined) return Number.POSITIVE_INFINITY;
  if (Number.isInteger(limit) && limit > 0) return limit;
  return fail({
    code: 'option-invalid',
    at: 'samples',
    message: `option 'samples': ${limit} is no number of samples`,
    hint: 'Give a whole number from 1 on.',
  });
}

function madeUp(path: string, seed: number): Diagnostic {
  return note({
    code: 'run-made-up-input',
    at: path,
    message: `no input was given: the model ran on made-up values (seed ${seed}), so the answer means nothing`,
    hint: 'Give data with --input.',
  });
}
