import type { TextTable } from '../report/comparison-table.ts';
import { formatDrop, formatEstimate, formatMetric, NOT_MEASURED } from '../report/format-figures.ts';
import type { GateResult } from '../validate/accuracy-gate.ts';
import type { Evaluation } from '../validate/evaluation.ts';
import type { PairedComparison } from '../validate/statistics/compare-paired.ts';
import type { Estimated } from '../validate/statistics/interval.ts';

/** Every metric of an evaluation with one candidate: against the labels with the drop, then output by output. */
export function validationTable({ candidates: [candidate] }: Evaluation): TextTable {
  const compared = (candidate?.comparisons ?? []).map((one) => [
    one.metric,
    figure(one.reference, one.unit),
    figure(one.candidate, one.unit),
    dropText(one),
  ]);
  const agreed = (candidate?.agreement ?? []).flatMap(({ output, metrics }) =>
    metrics.map((one) => [
      `${one.metric} of ${output}`,
      NOT_MEASURED,
      figure({ value: one.value, interval: one.interval }, one.unit),
      NOT_MEASURED,
    ]),
  );
  return { head: ['', 'reference', 'candidate', 'drop'], rows: [...compared, ...agreed] };
}

/** The verdict on a budget as a line. */
export function gateLine({ verdict, metric, drop, allowed, maxDrop }: GateResult, evaluation: Evaluation): string {
  const unit = evaluation.candidates[0]?.comparison.unit ?? '';
  return `${verdict}: ${metric} dropped by ${points(drop, unit)}, allowed is ${points({ value: allowed, interval: null }, unit)} (${maxDrop})`;
}

function dropText({ drop, unit, against }: PairedComparison): string {
  return against === 'reference' ? NOT_MEASURED : points(drop, unit);
}

function figure(estimated: Estimated, unit: string): string {
  return formatEstimate(flat(estimated), (value) => formatMetric(value, unit));
}

/** A difference: of shares in percentage points. */
function points(estimated: Estimated, unit: string): string {
  return formatEstimate(flat(estimated), (value) => formatDrop(value, unit));
}

function flat({ value, interval }: Estimated): Parameters<typeof formatEstimate>[0] {
  return { value, low: interval?.low ?? null, high: interval?.high ?? null };
}
