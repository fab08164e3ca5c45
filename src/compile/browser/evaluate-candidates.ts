import type { Dataset } from '../../data/dataset.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { ModelpressError } from '../../diagnostics/modelpress-error.ts';
import type { Session } from '../../runtime/session.ts';
import { evaluate } from '../../validate/evaluate.ts';
import type { Evaluation } from '../../validate/evaluation.ts';
import type { ResolvedOptions } from '../optimize-options.ts';
import { labelOf } from './candidate-form.ts';
import { candidateRefused, type OpenedCandidate } from './open-candidates.ts';

/** Longest to validate, in milliseconds: wasm takes many times as long as a server, and there are several forms. */
const VALIDATION_BUDGET_MS = 40_000;

/** How candidates compare with the source, and those that do not run on every sample. */
export interface CandidateEvaluation {
  /** The candidates that ran, whose results those of `evaluation` are, in the same order. */
  readonly running: readonly OpenedCandidate[];
  /** Mean time of a run of each in Node, in milliseconds. */
  readonly runMs: readonly number[];
  readonly evaluation: Evaluation;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Compares candidates with the source over the validation data. One that fails on a sample, because a file takes one shape
 * only or its runtime gives up, is closed and told of, and the others are compared without it.
 *
 * @throws ModelpressError what `evaluate` throws for the source and the data.
 */
export async function evaluateCandidates(
  source: Session,
  opened: readonly OpenedCandidate[],
  dataset: Dataset,
  resolved: Pick<ResolvedOptions, 'seed' | 'metric' | 'validationSamples'>,
  onProgress: (done: number, total: number) => void,
): Promise<CandidateEvaluation> {
  const diagnostics: Diagnostic[] = [];
  let running = opened;
  for (;;) {
    let failed: OpenedCandidate | undefined;
    const times = running.map(() => ({ runs: 0, milliseconds: 0 }));
    const watched = running.map((candidate, i) => ({
      name: `browser (${labelOf(candidate.form)})`,
      session: watch(candidate.session, times[i]!, () => {
        failed = candidate;
      }),
    }));
    try {
      const evaluation = await evaluate({ name: 'source', session: source }, watched, dataset, {
        seed: resolved.seed,
        timeBudgetMs: VALIDATION_BUDGET_MS,
        onProgress,
        ...(resolved.metric !== undefined && { metrics: [resolved.metric] }),
        ...(resolved.validationSamples !== undefined && { limit: resolved.validationSamples }),
      });
      const runMs = times.map(({ runs, milliseconds }) => milliseconds / Math.max(1, runs));
      return { running, runMs, evaluation, diagnostics };
    } catch (error) {
      if (!(error instanceof ModelpressError) || failed === undefined) throw error;
      diagnostics.push(candidateRefused(failed.form, error.message));
      running = running.filter((candidate) => candidate !== failed);
    }
  }
}

/** The session, which adds up the time of its runs and tells of one that fails. */
function watch(session: Session, time: { runs: number; milliseconds: number }, onFailure: () => void): Session {
  return {
    runtime: session.runtime,
    inputs: session.inputs,
    outputs: session.outputs,
    async run(feed, wanted) {
      const start = performance.now();
      try {
        const outputs = await session.run(feed, wanted);
        time.runs++;
        time.milliseconds += performance.now() - start;
        return outputs;
      } catch (error) {
        onFailure();
        throw error;
      }
    },
    close: () => session.close(),
  };
}
