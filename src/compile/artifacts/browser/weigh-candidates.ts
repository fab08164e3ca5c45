import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import type { SizeMeasurement } from '../../../measure/measure-size.ts';
import { estimateRatio } from '../../../measure/quantile.ts';
import type { Variant } from '../../../report/report-schema.ts';
import type { BrowserRuntime } from '../../../targets/browser/runtime-files.ts';
import { judgeDrop } from '../../../validate/accuracy-gate.ts';
import type { CandidateResult } from '../../../validate/evaluation.ts';
import { parseMaxDrop } from '../../../validate/max-drop.ts';
import { accuracyOf } from '../../accuracy-of.ts';
import type { ResolvedOptions } from '../../optimize-options.ts';
import { answerDifference } from '../compare-answers.ts';
import { latencyOf } from '../latency-of.ts';
import { labelOf } from './candidate-form.ts';
import type { BrowserMeasurement, BrowserTimes } from './measure-in-browser.ts';
import { candidateRefused, type OpenedCandidate } from './open-candidates.ts';
import type { MeasuredCandidate } from './rank-candidates.ts';

/** A candidate with its figures, for the manifest's ranking and as a row of the report. */
export interface WeighedCandidate {
  readonly opened: OpenedCandidate;
  readonly result: CandidateResult;
  readonly measured: MeasuredCandidate;
  readonly variant: Variant;
}

/** What is known of the candidates, in the same order, and of the source where it ran beside them. */
export interface BrowserFindings {
  readonly opened: readonly OpenedCandidate[];
  readonly results: readonly CandidateResult[];
  readonly measurement: Omit<BrowserMeasurement, 'results'>;
  readonly times: readonly BrowserTimes[];
  readonly sourceTimes: BrowserTimes | undefined;
  /** Of each candidate's files. */
  readonly sizes: readonly SizeMeasurement[];
  /** What a first visit downloads of each runtime, in bytes. */
  readonly runtimeSizes: ReadonlyMap<BrowserRuntime, number>;
}

/** Where no budget is set: what a default may lose of a metric against labels, and the noise it may have without labels. */
const DEFAULT_MAX_DROP = '1%';
const LEAST_SQNR_DB = 20;

/**
 * Puts the figures of each candidate together. A candidate that failed in the browser or answered otherwise there is left
 * out and told of.
 */
export function weighCandidates(
  { opened, results, measurement, times, sourceTimes, sizes, runtimeSizes }: BrowserFindings,
  resolved: Pick<ResolvedOptions, 'measure' | 'maxDrop' | 'threads' | 'seed'>,
): { readonly weighed: readonly WeighedCandidate[]; readonly diagnostics: readonly Diagnostic[] } {
  const { measuredIn } = measurement;
  const weighed: WeighedCandidate[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const [i, candidate] of opened.entries()) {
    const { form } = candidate;
    const { file, runtime, precision } = form;
    const reason = faultOf(candidate, times[i]!);
    if (reason !== undefined) {
      diagnostics.push(candidateRefused(form, `in ${measuredIn}, ${reason}`));
      continue;
    }
    const result = results[i]!;
    const size = sizes[i]!;
    const latency = resolved.measure ? latencyIn(times[i]!, sourceTimes, resolved) : null;
    weighed.push({
      opened: candidate,
      result,
      measured: {
        ...manifestEntry(candidate),
        download: { model: size.brotli, runtime: runtimeSizes.get(runtime) ?? 0 },
        latency: latency?.p50.value ?? null,
        accurate: isAccurate(result, resolved.maxDrop),
      },
      variant: {
        name: `browser (${labelOf(form)})`,
        target: 'browser',
        file: `browser/${file}`,
        runtime: `${runtime} in ${measuredIn}`,
        precision,
        size,
        latency,
        memory: null,
        accuracy: accuracyOf(result),
        coverage: null,
      },
    });
  }
  return { weighed, diagnostics };
}

/** A candidate as the manifest lists it, without its figures. */
export function manifestEntry({ form, files }: Pick<OpenedCandidate, 'form' | 'files'>): BrowserChoiceEntry {
  const { file, runtime, precision, config, shapes } = form;
  const copied = Object.fromEntries(Object.entries(shapes).map(([input, shape]) => [input, [...shape]]));
  return { file, runtime, precision, files: [...files], config: { ...config }, shapes: copied };
}

type BrowserChoiceEntry = Omit<MeasuredCandidate, 'download' | 'latency' | 'accurate'>;

/** What keeps a candidate from being offered: it failed in the browser, or answers otherwise there. */
export function faultOf(
  { form, expected }: Pick<OpenedCandidate, 'form' | 'expected'>,
  { failure, outputs }: Pick<BrowserTimes, 'failure' | 'outputs'>,
): string | undefined {
  if (failure !== undefined) return failure;
  for (const [i, answered] of (outputs ?? []).entries()) {
    const difference = answerDifference(expected[i]!, answered, form.sameAnswer);
    if (difference !== undefined) return `output '${difference.output}' is not as in Node: ${difference.detail}`;
  }
  return undefined;
}

/** Whether a candidate keeps what the budget asks for, or where there is none what a default has to. */
function isAccurate(result: CandidateResult, maxDrop: ResolvedOptions['maxDrop']): boolean {
  if (result.failures.samples > 0) return false;
  if (maxDrop !== undefined) return judgeDrop(result, parseMaxDrop(maxDrop)).passed;
  if (result.comparison.against === 'labels') return judgeDrop(result, parseMaxDrop(DEFAULT_MAX_DROP)).passed;
  const { sqnr } = accuracyOf(result);
  return sqnr === null || sqnr >= LEAST_SQNR_DB;
}

function latencyIn(
  { times }: BrowserTimes,
  source: BrowserTimes | undefined,
  { threads, seed }: Pick<ResolvedOptions, 'threads' | 'seed'>,
): Variant['latency'] {
  if (times === undefined || times.length === 0) return null;
  return latencyOf(times, threads, source?.times && estimateRatio(source.times, times, seed));
}
