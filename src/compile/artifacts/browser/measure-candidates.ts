import { join } from 'node:path';
import type { Feed } from '../../../data/dataset.ts';
import { fileSource } from '../../../files/file-source.ts';
import { measureSize, type SizeMeasurement } from '../../../measure/measure-size.ts';
import { WASM_MACS_PER_SECOND } from '../../run-work.ts';
import type { CandidateEvaluation } from './evaluate-candidates.ts';
import { type MeasureRequest, measureBesideSource } from './measure-beside-source.ts';
import { LEAST_RUNS } from './measure-in-browser.ts';
import type { BrowserFindings } from './weigh-candidates.ts';

/** Work of the least number of runs of all candidates, above which a model is slow: half a minute. */
const MEASURING_WORK = 30 * WASM_MACS_PER_SECOND;

/**
 * Sizes and latency of the candidates in a browser. Of a model that is slow in wasm fewer rounds are measured, and not the
 * source beside them.
 *
 * @param work of a run, in multiply-accumulates.
 */
export async function measureCandidates(
  request: MeasureRequest,
  { running, evaluation }: CandidateEvaluation,
  feeds: readonly Feed[],
  work: number,
): Promise<Omit<BrowserFindings, 'runtimeSizes'>> {
  const sizes: SizeMeasurement[] = [];
  for (const { files } of running) {
    sizes.push(await measureSize(files.map((path) => fileSource(join(request.folder, path)))));
  }
  const slow = LEAST_RUNS * running.length * work > MEASURING_WORK;
  const { results, ...measurement } = await measureBesideSource(request, running, feeds, slow);
  return {
    opened: running,
    results: evaluation.candidates,
    sizes,
    measurement,
    times: results,
    sourceTimes: results[running.length],
  };
}
