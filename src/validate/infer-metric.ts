import type { Label } from '../data/dataset.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { PrimaryMetric } from './evaluation.ts';
import type { AgreementMetric, ClassMetric, Metric, ValueMetric } from './metrics/metric.ts';
import { findMetric } from './metrics/metric-table.ts';
import { type ClassOptions, classReader } from './scoring/class-reader.ts';
import type { OutputContents } from './scoring/output-content.ts';

/** The metric that decides, and those that are told beside it. */
export interface MetricChoice {
  readonly primary: PrimaryMetric;
  readonly also: readonly string[];
}

/** From how many classes on the top 5 say something: of fewer, most guesses are among them. */
const TOP5_CLASSES = 10;

/** How many classes have the ROC AUC told unasked: of more, an average over curves says little that F1 does not. */
const AUC_CLASSES = 2;

/**
 * The metrics that fit a sample's label and the model's outputs for it: classes take the top-1 accuracy, values the mean
 * absolute error, expected outputs the cosine similarity to them, and without labels there is only the agreement with
 * the reference.
 *
 * @throws ModelpressError `validate-unknown-output`, `validate-no-class-output`
 */
export function inferMetric(
  label: Label | undefined,
  outputs: OutputContents,
  options: ClassOptions = {},
): MetricChoice {
  const hasNumbers = [...outputs.values()].some(({ nature }) => nature === 'numbers');
  switch (label?.kind) {
    case 'class':
    case 'classes': {
      const { classes = 0 } = classReader(outputs, options);
      const also = ['macro-f1'];
      if (classes >= TOP5_CLASSES) also.unshift('top5');
      if (classes === AUC_CLASSES) also.push('roc-auc');
      return { primary: { metric: 'top1', against: 'labels', reason: 'the labels are classes' }, also };
    }
    case 'values': {
      const reason = 'the labels are numbers';
      return { primary: { metric: 'mae', against: 'labels', reason }, also: ['mse', 'rmse', 'r2', 'max-error'] };
    }
    case 'outputs':
    case undefined: {
      const metric = hasNumbers ? 'cosine' : 'equal';
      const against = label === undefined ? 'reference' : 'labels';
      const reason = label === undefined ? 'the data has no labels' : 'the labels are expected outputs';
      return { primary: { metric, against, reason }, also: [] };
    }
  }
}

/** Metrics by family, which decides what they can be taken against. */
export interface MetricPlan {
  readonly primary: PrimaryMetric;
  readonly classification: readonly ClassMetric[];
  readonly regression: readonly ValueMetric[];
  readonly agreement: readonly AgreementMetric[];
}

const FAMILY_OF_LABEL = {
  class: 'classification',
  classes: 'classification',
  values: 'regression',
  outputs: 'agreement',
} as const;

/**
 * The metrics to take: those named, the first of which decides, or else the inferred ones. Agreement metrics go with any
 * data, taken against the expected outputs where the labels are such; none named stands for all of them.
 *
 * @throws ModelpressError `validate-unknown-metric`, `validate-metric-needs-labels`, and what `inferMetric` throws
 */
export function planMetrics(
  names: readonly string[],
  label: Label | undefined,
  outputs: OutputContents,
  options: ClassOptions,
): MetricPlan {
  const family = label === undefined ? undefined : FAMILY_OF_LABEL[label.kind];
  const named = names.map(findMetric);
  for (const { name, kind } of named) if (kind !== family && kind !== 'agreement') refuse(name, kind, label);
  const first = named[0];
  if (first !== undefined) {
    const against = first.kind === family ? 'labels' : 'reference';
    return byFamily({ metric: first.name, against, reason: 'it was asked for' }, named);
  }
  const { primary, also } = inferMetric(label, outputs, options);
  // Every agreement metric is taken of every output, so those are not chosen among.
  return byFamily(
    primary,
    family === 'agreement' || family === undefined ? [] : [primary.metric, ...also].map(findMetric),
  );
}

function byFamily(primary: PrimaryMetric, metrics: readonly Metric[]): MetricPlan {
  const unique = [...new Map(metrics.map((metric) => [metric.name, metric])).values()];
  return {
    primary,
    classification: unique.filter((metric): metric is ClassMetric => metric.kind === 'classification'),
    regression: unique.filter((metric): metric is ValueMetric => metric.kind === 'regression'),
    agreement: unique.filter((metric): metric is AgreementMetric => metric.kind === 'agreement'),
  };
}

function refuse(name: string, kind: Metric['kind'], label: Label | undefined): never {
  const needed = kind === 'classification' ? 'classes' : 'numbers';
  const found = label === undefined ? 'no labels' : label.kind === 'class' ? 'classes' : label.kind;
  return fail({
    code: 'validate-metric-needs-labels',
    message: `the metric ${name} needs ${needed} for labels; the data has ${found}`,
    at: name,
    hint: 'add such labels to the data, or leave the metric out to have a fitting one chosen',
  });
}
