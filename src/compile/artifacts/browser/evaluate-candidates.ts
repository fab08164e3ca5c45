import type { Dataset, Feed } from '../../../data/dataset.ts';
import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { ModelpressError } from '../../../diagnostics/modelpress-error.ts';
import { withAnswers } from '../../../runtime/remember-answers.ts';
import type { Session } from '../../../runtime/session.ts';
import { evaluate } from '../../../validate/evaluate.ts';
import type { Evaluation } from '../../../validate/evaluation.ts';
import type { ResolvedOptions } from '../../optimize-options.ts';
import { labelOf } from './candidate-form.ts';
import { candidateRefused, type OpenedCandidate } from './open-candidates.ts';

/** How many samples to validate on, and which of them candidates have answered already, when they were tried. */
export interface CandidateSamples {
  readonly dataset: Dataset;
  readonly limit: number;
  readonly feeds: readonly Feed[];
}

/** How candidates compare with the source, and those that do not run on every sample. */
export interface CandidateEvaluation {
  /** The candidates that ran, whose results those of `evaluation` are, in the same order. */
  readonly running: readonly OpenedCandidate[];
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
  { dataset, limit, feeds }: CandidateSamples,
  resolved: Pick<ResolvedOptions, 'seed' | 'metric'>,
  onProgress: (done: number, total: number) => void,
): Promise<CandidateEvaluation> {
  const diagnostics: Diagnostic[] = [];
  let running = opened;
  for (;;) {
    const failures = new Set<OpenedCandidate>();
    const watched = running.map((candidate) => ({
      name: `browser (${labelOf(candidate.form)})`,
      session: watch(withAnswers(candidate.session, feeds, candidate.expected), () => failures.add(candidate)),
    }));
    try {
      const evaluation = await evaluate({ name: 'source', session: source }, watched, dataset, {
        seed: resolved.seed,
        limit,
        // The runtimes have threads of their own.
        together: true,
        onProgress,
        ...(resolved.metric !== undefined && { metrics: [resolved.metric] }),
      });
      return { running, evaluation, diagnostics };
    } catch (error) {
      const failed = running.find((candidate) => failures.has(candidate));
      if (!(error instanceof ModelpressError) || failed === undefined) throw error;
      diagnostics.push(candidateRefused(failed.form, error.message));
      running = running.filter((candidate) => candidate !== failed);
    }
  }
}

/** The session, which tells of a run that fails. */
function watch(session: Session, onFailure: () => void): Session {
  return {
    runtime: session.runtime,
    inputs: session.inputs,
    outputs: session.outputs,
    async run(feed, wanted) {
      try {
        return await session.run(feed, wanted);
      } catch (error) {
        onFailure();
        throw error;
      }
    },
    close: () => session.close(),
  };
}
