import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { formatDrop, formatEstimate, formatRatio, formatShare } from '../report/format-figures.ts';
import type { Report } from '../report/report-schema.ts';
import { type GateResult, judgeDrop } from '../validate/accuracy-gate.ts';
import type { CandidateResult } from '../validate/evaluation.ts';
import { parseMaxDrop } from '../validate/max-drop.ts';
import type { Measurement } from './artifacts/measure-artifacts.ts';
import type { ResolvedOptions } from './optimize-options.ts';

type Gate = Report['gates'][number];

/**
 * Holds a result against the budgets that the options set. Broken outputs fail whatever the budgets.
 *
 * @param source what was measured of the source, `result` of the model that takes its place.
 */
export function judgeBudgets(
  candidate: CandidateResult,
  source: Measurement,
  result: Measurement,
  options: Pick<ResolvedOptions, 'maxDrop' | 'maxSizeRatio' | 'minSpeedup'>,
): { readonly gates: readonly Gate[]; readonly diagnostics: readonly Diagnostic[] } {
  const gates: Gate[] = [];
  const diagnostics: Diagnostic[] = [];
  if (options.maxDrop !== undefined) {
    const verdict = judgeDrop(candidate, parseMaxDrop(options.maxDrop));
    const detail = dropDetail(verdict, candidate);
    gates.push({ name: `max-drop ${verdict.maxDrop}`, verdict: verdict.verdict, detail });
    diagnostics.push(...verdict.diagnostics);
  } else if (candidate.failures.samples > 0) {
    const [first] = candidate.failures.first;
    const detail = `${candidate.failures.samples} samples gave broken outputs; the first: output '${first?.output}', ${first?.detail}`;
    gates.push({ name: 'outputs', verdict: 'fail', detail });
  }
  if (options.maxSizeRatio !== undefined) {
    const ratio = result.size.raw / source.size.raw;
    const verdict = ratio <= options.maxSizeRatio ? 'pass' : 'fail';
    gates.push({
      name: `max-size-ratio ${options.maxSizeRatio}`,
      verdict,
      detail: `the model is ${formatShare(ratio, 1)} of the source's size`,
    });
  }
  if (options.minSpeedup !== undefined) gates.push(judgeSpeedup(result, options.minSpeedup));
  return { gates, diagnostics };
}

/** A verdict on a drop as a clause. */
export function dropDetail(
  { metric, drop, allowed }: GateResult,
  { comparison: { unit } }: Pick<CandidateResult, 'comparison'>,
): string {
  const measured = drop.value === null ? 'an unknown amount' : formatDrop(drop.value, unit);
  return `${metric} drops by ${measured}, allowed is ${formatDrop(allowed, unit)}`;
}

/** The measured ratio decides; an interval that reaches below the budget leaves the verdict open. */
function judgeSpeedup({ latency }: Measurement, least: number): Gate {
  const name = `min-speedup ${least}`;
  if (latency === null) return { name, verdict: 'fail', detail: 'latency was not measured' };
  const { speedup } = latency;
  const detail = `the model is ${formatEstimate(speedup, formatRatio)} as fast as the source`;
  if (speedup.value < least) return { name, verdict: 'fail', detail };
  return { name, verdict: speedup.low < least ? 'inconclusive' : 'pass', detail };
}
