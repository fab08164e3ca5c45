import type { Dataset } from '../../data/dataset.ts';
import { ModelpressError } from '../../diagnostics/modelpress-error.ts';
import type { OutputValue, Session } from '../../runtime/session.ts';
import { maxRelativeError } from '../../validate/metrics/max-deviation.ts';
import { compareOutputs } from '../../validate/scoring/compare-outputs.ts';
import { outputContents } from '../../validate/scoring/output-content.ts';
import type { AnswerDiff } from './model-diff.ts';

/** Runs two models on the same samples, and tells for each output how far the second's answers are from the first's. */
export async function diffAnswers(a: Session, b: Session, dataset: Dataset, samples: number): Promise<AnswerDiff> {
  const total = Math.min(samples, dataset.size);
  const found = new Map<string, { error: number; magnitude: number; reason: string | null }>();
  const answer = { data: dataset.label, samples: total };
  try {
    for (let i = 0; i < total; i++) {
      const { feed } = await dataset.sample(i);
      addSample(found, await a.run(feed), await b.run(feed));
    }
  } catch (error) {
    if (!(error instanceof ModelpressError)) throw error;
    return { ...answer, outputs: [], reason: error.message };
  }
  const outputs = Array.from(found, ([output, { error, magnitude, reason }]) => ({
    output,
    maxRelativeError: reason === null ? (error === 0 ? 0 : error / magnitude) : null,
    reason,
  }));
  return { ...answer, outputs, reason: null };
}

function addSample(
  found: Map<string, { error: number; magnitude: number; reason: string | null }>,
  a: ReadonlyMap<string, OutputValue>,
  b: ReadonlyMap<string, OutputValue>,
): void {
  const others = outputContents(b);
  for (const [output, expected] of outputContents(a)) {
    const row = found.get(output) ?? { error: 0, magnitude: 0, reason: null };
    found.set(output, row);
    const { outcome, failure } = compareOutputs(expected, others.get(output));
    const [error = 0, magnitude = 0] = maxRelativeError.record(outcome) as readonly number[];
    row.error = Math.max(row.error, error);
    row.magnitude = Math.max(row.magnitude, magnitude);
    row.reason ??= failure?.detail ?? null;
  }
}
