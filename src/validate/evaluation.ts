import type { Dataset, Label } from '../data/dataset.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { RuntimeName } from '../runtime/session.ts';
import type { ClassScore, ConfusionMatrix } from './metrics/confusion-matrix.ts';
import type { PairedComparison } from './statistics/compare-paired.ts';
import type { MetricValue } from './statistics/estimate-metric.ts';

/** What came of running a reference and its candidates over the same samples. Plain values, as JSON holds them. */
export interface Evaluation {
  readonly dataset: Pick<Dataset, 'label' | 'origin' | 'sha256' | 'size'>;
  /** Samples that were run. */
  readonly samples: number;
  /** Why not all of them were; null when they were. */
  readonly truncated: 'limit' | 'time' | null;
  readonly labels: Label['kind'] | 'none';
  readonly primary: PrimaryMetric;
  readonly confidence: number;
  readonly seed: number;
  readonly reference: ContenderResult;
  readonly candidates: readonly CandidateResult[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The metric that a budget is held against. */
export interface PrimaryMetric {
  readonly metric: string;
  /** What it is taken against: the data's labels, or the reference's outputs. */
  readonly against: 'labels' | 'reference';
  /** Why this one, as a clause. */
  readonly reason: string;
}

/** One model's metrics against the labels; none where there are no labels. */
export interface ContenderResult {
  readonly name: string;
  readonly runtime: RuntimeName;
  readonly metrics: readonly OutputMetric[];
  readonly classes?: ClassDetails;
}

/** A metric's value, of one output where each has its own. */
export interface OutputMetric extends MetricValue {
  readonly output?: string;
}

/** A classifier's results class by class. */
export interface ClassDetails {
  readonly perClass: readonly ClassScore[];
  /** Absent beyond `CONFUSION_CLASSES` classes. */
  readonly confusion?: ConfusionMatrix;
}

/** A candidate's metrics, how far it is from the reference, and what was broken. */
export interface CandidateResult extends ContenderResult {
  /** The primary metric; of several outputs, the one that lost the most. */
  readonly comparison: PairedComparison;
  /** Every metric against the labels, beside the reference's. */
  readonly comparisons: readonly PairedComparison[];
  /** How each output agrees with the reference's, in the reference's order and under its names. */
  readonly agreement: readonly OutputAgreement[];
  readonly failures: Failures;
}

/** How one output agrees with the reference's. */
export interface OutputAgreement {
  readonly output: string;
  readonly metrics: readonly MetricValue[];
}

/** Samples on which a candidate's outputs could not be right. They score worst or make a metric undefined; no mean hides them. */
export interface Failures {
  /** Samples with at least one. */
  readonly samples: number;
  /** The first few. */
  readonly first: readonly OutputFailure[];
}

/** What was wrong with one output of one sample. */
export interface OutputFailure {
  /** Position in the dataset, from 0. */
  readonly sample: number;
  readonly output: string;
  readonly kind: 'missing' | 'type' | 'shape' | 'not-finite';
  readonly detail: string;
}
