import { join } from 'node:path';
import type { Feed } from '../../data/dataset.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { fileSource } from '../../files/file-source.ts';
import { measureSize, type SizeMeasurement } from '../../measure/measure-size.ts';
import { accuracyOf } from '../accuracy-of.ts';
import { chooseForms, MEASURE_LIMIT_MS, type TriedForm } from './choose-forms.ts';
import type { CandidateEvaluation } from './evaluate-candidates.ts';
import { type MeasureRequest, measureBesideSource } from './measure-beside-source.ts';
import { LEAST_RUNS, LEAST_SLOW_RUNS } from './measure-in-browser.ts';
import type { BrowserFindings } from './weigh-candidates.ts';

/**
 * Sizes and latency of the candidates that are worth it and that there is time for, each in a browser. Of a model that is
 * slow in wasm fewer rounds are measured, and not the source beside them.
 */
export async function measureCandidates(
  request: MeasureRequest,
  { running, runMs, evaluation }: CandidateEvaluation,
  feeds: readonly Feed[],
): Promise<{
  readonly findings: Omit<BrowserFindings, 'runtimeSizes'>;
  readonly diagnostics: readonly Diagnostic[];
}> {
  const sizes: SizeMeasurement[] = [];
  for (const { files } of running) {
    sizes.push(await measureSize(files.map((path) => fileSource(join(request.folder, path)))));
  }
  const tried = running.map(
    (opened, i): TriedForm => ({
      opened,
      bytes: sizes[i]!.brotli,
      sqnr: accuracyOf(evaluation.candidates[i]!).sqnr,
      runMs: runMs[i]!,
    }),
  );
  const slow = LEAST_RUNS * runMs.reduce((sum, one) => sum + one, 0) > MEASURE_LIMIT_MS;
  const { chosen, diagnostics } = chooseForms(tried, slow ? LEAST_SLOW_RUNS : LEAST_RUNS);
  const opened = chosen.map((i) => running[i]!);
  const { results, ...measurement } = await measureBesideSource(request, opened, feeds, slow);
  return {
    findings: {
      opened,
      results: chosen.map((i) => evaluation.candidates[i]!),
      sizes: chosen.map((i) => sizes[i]!),
      measurement,
      times: results,
      sourceTimes: results[opened.length],
    },
    diagnostics,
  };
}
