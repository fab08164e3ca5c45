import type { RuntimeName } from '../runtime/session.ts';
import type { CandidateResult, ContenderResult, OutputAgreement, OutputMetric } from './evaluation.ts';
import { decides, type EvaluationPlan } from './evaluation-plan.ts';
import type { AgreementMetric } from './metrics/metric.ts';
import type { CandidateTally } from './scoring/candidate-tally.ts';
import type { LabelTally, Series } from './scoring/label-scoring.ts';
import { runBootstrapJobs } from './statistics/bootstrap-jobs.ts';
import { bootstrapOf, type CompareOptions } from './statistics/compare-options.ts';
import { dropFromPerfect, type PairedComparison, pairedJob } from './statistics/compare-paired.ts';
import { estimateJob, type MetricValue } from './statistics/estimate-metric.ts';

/** A model by name, and what it did. */
export interface Tallied<Tally> {
  readonly name: string;
  readonly runtime: RuntimeName;
  readonly tally: Tally;
}

/** The reference's metrics, and each candidate's beside them, with the drop that decides. */
export function summarizeEvaluation(
  reference: Tallied<LabelTally | undefined>,
  candidates: readonly Tallied<CandidateTally>[],
  plan: EvaluationPlan,
  options: CompareOptions,
): { readonly reference: ContenderResult; readonly candidates: readonly CandidateResult[] } {
  const labelled = plan.labels?.series ?? [];
  const before = reference.tally?.records() ?? [];
  const comparisons = runBootstrapJobs(
    candidates.flatMap(({ tally }) => {
      const after = tally.labels?.records() ?? [];
      return labelled.map(({ metric }, i) => pairedJob(metric, before[i]!, after[i]!, options));
    }),
    bootstrapOf(options),
  ).map((comparison, i) => ofOutput(comparison, labelled[i % labelled.length]!.output));
  const agreements = runBootstrapJobs(
    candidates.flatMap(({ tally }) => {
      const records = tally.agreement();
      return plan.series.map(({ metric }, i) => estimateJob(metric, records[i]!, options));
    }),
    bootstrapOf(options),
  );
  const results = candidates.map((candidate, i) =>
    candidateResult(
      candidate,
      comparisons.slice(i * labelled.length, (i + 1) * labelled.length),
      agreements.slice(i * plan.series.length, (i + 1) * plan.series.length),
      plan,
    ),
  );
  const first = results[0];
  const metrics =
    first === undefined
      ? runBootstrapJobs(
          labelled.map(({ metric }, i) => estimateJob(metric, before[i]!, options)),
          bootstrapOf(options),
        ).map((value, i) => ofOutput(value, labelled[i]!.output))
      : first.comparisons.map((comparison) => metricOf(comparison, 'reference'));
  return { reference: contenderResult(reference, metrics, reference.tally), candidates: results };
}

function candidateResult(
  candidate: Tallied<CandidateTally>,
  comparisons: readonly PairedComparison[],
  values: readonly MetricValue[],
  plan: EvaluationPlan,
): CandidateResult {
  const { series } = plan;
  const deciding =
    plan.primary.against === 'labels'
      ? comparisons.filter(({ metric, output }) => decides(metric, output, plan))
      : series.flatMap(({ metric, output }, i) =>
          decides(metric.name, output, plan) ? [dropFromPerfect(metric, output!, values[i]!)] : [],
        );
  const { tally } = candidate;
  const metrics = comparisons.map((comparison) => metricOf(comparison, 'candidate'));
  return {
    ...contenderResult(candidate, metrics, tally.labels),
    comparison: worst(deciding),
    comparisons,
    agreement: byOutput(series, values),
    failures: tally.failures(),
  };
}

function contenderResult(
  { name, runtime }: Tallied<unknown>,
  metrics: readonly OutputMetric[],
  tally: LabelTally | undefined,
): ContenderResult {
  const classes = tally?.classDetails?.();
  return { name, runtime, metrics, ...(classes === undefined ? {} : { classes }) };
}

/** The comparison with the largest drop; one that is undefined counts as the largest. */
function worst(comparisons: readonly PairedComparison[]): PairedComparison {
  const loss = ({ drop }: PairedComparison): number => drop.value ?? Number.POSITIVE_INFINITY;
  return comparisons.reduce((most, comparison) => (loss(comparison) > loss(most) ? comparison : most));
}

function metricOf(comparison: PairedComparison, side: 'reference' | 'candidate'): OutputMetric {
  const { metric, unit, higherIsBetter, samples, output } = comparison;
  return ofOutput({ metric, unit, higherIsBetter, samples, ...comparison[side] }, output);
}

function byOutput(series: readonly Series<AgreementMetric>[], values: readonly MetricValue[]): OutputAgreement[] {
  const outputs = new Map<string, MetricValue[]>();
  series.forEach(({ output }, i) => {
    outputs.set(output!, [...(outputs.get(output!) ?? []), values[i]!]);
  });
  return [...outputs].map(([output, metrics]) => ({ output, metrics }));
}

function ofOutput<T extends object>(value: T, output: string | undefined): T & { readonly output?: string } {
  return output === undefined ? value : { ...value, output };
}
