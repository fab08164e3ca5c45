import { type Diagnostic, note } from '../diagnostics/diagnostic.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { OutputValue } from '../runtime/session.ts';
import type { PrimaryMetric } from './evaluation.ts';
import { type MetricPlan, planMetrics } from './infer-metric.ts';
import type { AgreementMetric } from './metrics/metric.ts';
import { type ClassOptions, classReader, outputOf } from './scoring/class-reader.ts';
import { classScoring } from './scoring/class-scoring.ts';
import { expectedOutputScoring } from './scoring/expected-output-scoring.ts';
import { type LabelRow, labelRows } from './scoring/label-rows.ts';
import type { LabelScoring, PlacedSample, Series } from './scoring/label-scoring.ts';
import type { OutputContents } from './scoring/output-content.ts';
import { outputSeries } from './scoring/output-series.ts';
import { valueScoring } from './scoring/value-scoring.ts';

/** What is measured of every sample. */
export interface EvaluationPlan {
  readonly primary: PrimaryMetric;
  /** The output that decides where each has its own metrics; the worst one when not given. */
  readonly output?: string;
  /** Agreement with the reference, output by output. */
  readonly series: readonly Series<AgreementMetric>[];
  /** Scores against the labels; absent when there are none, or none of the metrics is taken against them. */
  readonly labels?: LabelScoring;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Settles from the first sample and the reference's outputs for it what is measured.
 *
 * @throws ModelpressError `validate-metric-unfit` when no output takes the metric that decides, and what `planMetrics`
 * and the scorings throw
 */
export function planEvaluation(
  first: PlacedSample,
  raw: ReadonlyMap<string, OutputValue>,
  outputs: OutputContents,
  options: ClassOptions & { readonly metrics?: readonly string[] },
): EvaluationPlan {
  const { label } = first.sample;
  const { output } = options;
  if (output !== undefined) outputOf(outputs, output);
  const [row] = labelRows(first, outputs);
  const metrics = planMetrics(options.metrics ?? [], label, row!.outputs, options);
  const series = outputSeries(outputs);
  const labels = labelScoring(row!, metrics, options);
  const { primary } = metrics;
  const scored: readonly Series[] = primary.against === 'labels' ? (labels?.series ?? []) : series;
  const deciding = { primary, ...(output === undefined ? {} : { output }) };
  if (!scored.some((one) => decides(one.metric.name, one.output, deciding))) refuse(primary, scored, output);
  return {
    ...deciding,
    series,
    ...(labels === undefined ? {} : { labels }),
    diagnostics: [...(labels?.diagnostics ?? []), ...uncompared(raw, outputs)],
  };
}

/** Whether a metric of an output is one of those that the primary metric's drop is taken from. */
export function decides(
  metric: string,
  output: string | undefined,
  { primary, output: named }: Pick<EvaluationPlan, 'primary' | 'output'>,
): boolean {
  return metric === primary.metric && (named === undefined || output === undefined || output === named);
}

function labelScoring(
  { placed: first, outputs }: LabelRow,
  { classification, regression, agreement }: MetricPlan,
  options: ClassOptions,
): LabelScoring | undefined {
  switch (first.sample.label?.kind) {
    case 'class':
    case 'classes':
      if (classification.length === 0) return undefined;
      return classScoring(classification, classReader(outputs, options), options);
    case 'values':
      if (regression.length === 0) return undefined;
      return valueScoring(regression, first, outputs, options.output);
    case 'outputs':
      return expectedOutputScoring(first, outputs, agreement);
    case undefined:
      return undefined;
  }
}

function refuse({ metric }: PrimaryMetric, scored: readonly Series[], output: string | undefined): never {
  const fitting = scored.filter((one) => output === undefined || one.output === output).map((one) => one.metric.name);
  return fail({
    code: 'validate-metric-unfit',
    message: `${output === undefined ? 'no output' : `output "${output}" does not`} ${output === undefined ? 'takes' : 'take'} the metric ${metric}`,
    at: output ?? metric,
    hint: `choose one of ${[...new Set(fitting)].join(', ')}`,
  });
}

function uncompared(raw: ReadonlyMap<string, OutputValue>, outputs: OutputContents): readonly Diagnostic[] {
  const left = [...raw.keys()].filter((name) => !outputs.has(name));
  return left.map((name) =>
    note({
      code: 'validate-output-not-compared',
      message: `output "${name}" is neither a tensor nor a map from class to score, and is not compared`,
      at: name,
    }),
  );
}
