import { type Diagnostic, warning } from '../diagnostics/diagnostic.ts';
import type { CandidateResult } from './evaluation.ts';
import { allowedDrop, type MaxDrop } from './max-drop.ts';
import type { MetricUnit } from './metrics/metric.ts';
import type { PairedComparison } from './statistics/compare-paired.ts';
import type { Estimated } from './statistics/interval.ts';

/**
 * `pass`: the drop and the whole of its interval are inside the budget, or it has no interval. `inconclusive`: the drop
 * is inside, the interval's upper end is not. `fail`: the drop is beyond the budget or could not be measured, or some
 * outputs were broken.
 */
export type Verdict = 'pass' | 'inconclusive' | 'fail';

/** Whether a candidate keeps to its budget. */
export interface GateResult {
  readonly verdict: Verdict;
  /** Everything but `fail`; see `judgeDrop`. */
  readonly passed: boolean;
  readonly metric: string;
  /** The budget as written, and in the metric's unit. */
  readonly maxDrop: string;
  readonly allowed: number;
  readonly drop: Estimated;
  readonly diagnostics: readonly Diagnostic[];
}

/** Slack for the rounding of fractions: 7 of 1000 is 0.007, of which 0.7 / 100 falls short by one bit. */
const ROUNDING = 1e-9;

/**
 * Holds a candidate's drop against a budget.
 *
 * The measured drop decides, and an interval that reaches beyond the budget is a warning that says how many samples
 * would settle it. If the interval's end decided instead, the same model would fail on a small dataset and pass on a
 * large one: with 300 samples even a model that changes no answer has an upper end above one point. A caller that wants
 * that stricter rule takes `verdict === 'pass'` for its condition.
 *
 * @throws ModelpressError `validate-max-drop-unfit`
 */
export function judgeDrop(
  candidate: Pick<CandidateResult, 'name' | 'comparison' | 'failures'>,
  maxDrop: MaxDrop,
): GateResult {
  const { name, comparison, failures } = candidate;
  const { metric, drop } = comparison;
  const allowed = allowedDrop(maxDrop, comparison, comparison.reference.value);
  const result = (verdict: Verdict, ...diagnostics: readonly Diagnostic[]): GateResult => ({
    verdict,
    passed: verdict !== 'fail',
    metric,
    maxDrop: maxDrop.text,
    allowed,
    drop,
    diagnostics,
  });

  if (failures.samples > 0) {
    const message = `${name} gave broken outputs on ${failures.samples} of ${comparison.samples} samples`;
    const notes = failures.first.map(({ sample, output, detail }) => `sample ${sample}, output ${output}: ${detail}`);
    const hint = 'no budget covers these: leave the layers before that output in float';
    return result('fail', warning({ code: 'validate-broken-outputs', message, at: name, hint, notes }));
  }
  if (drop.value === null) {
    const message = `${name} has no drop of ${metric}: the metric is undefined on the reference or on the candidate`;
    const hint = 'choose another metric, or data on which this one is defined';
    return result('fail', warning({ code: 'validate-drop-undefined', message, at: name, hint }));
  }
  const slack = ROUNDING * Math.max(1, allowed);
  if (drop.value > allowed + slack) {
    const message = `${name} lost ${inUnit(drop.value, comparison.unit)} of ${metric}, more than the allowed ${inUnit(allowed, comparison.unit)}${reach(comparison)}`;
    const hint =
      'leave the most sensitive layers in float, calibrate on more representative data, or allow a larger drop';
    return result('fail', warning({ code: 'validate-drop-beyond-budget', message, at: name, hint }));
  }
  if (drop.interval !== null && drop.interval.high > allowed + slack) {
    return result('inconclusive', unsettled(name, comparison, drop.value, drop.interval.high, allowed));
  }
  return result('pass');
}

function unsettled(
  name: string,
  comparison: PairedComparison,
  value: number,
  high: number,
  allowed: number,
): Diagnostic {
  const { metric, unit, samples } = comparison;
  const needed = Math.ceil(samples * ((high - value) / (allowed - value)) ** 2);
  return warning({
    code: 'validate-drop-inconclusive',
    message: `${name} lost ${inUnit(value, unit)} of ${metric}, within the allowed ${inUnit(allowed, unit)}, but ${samples} samples do not rule out more${reach(comparison)}`,
    at: name,
    hint: Number.isFinite(needed)
      ? `about ${needed} samples would settle it if the drop stays the same`
      : 'the drop is exactly the budget: allow a little more, or a smaller loss will have to be found',
  });
}

function reach({ drop, unit }: PairedComparison): string {
  if (drop.interval === null) return '';
  const { low, high, confidence } = drop.interval;
  return ` (${Number((100 * confidence).toPrecision(6))}% interval ${inUnit(low, unit)} to ${inUnit(high, unit)})`;
}

/** A difference with its unit: a fraction in percentage points. */
function inUnit(value: number, unit: MetricUnit): string {
  if (unit === 'fraction') return `${(100 * value).toFixed(2)} points`;
  return `${Number(value.toPrecision(4))} ${unit === 'dB' ? 'dB' : `(in ${unit})`}`;
}
