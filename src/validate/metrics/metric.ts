import type { Estimate, Records } from './records.ts';

/** One sample's classification. */
export interface ClassOutcome {
  /** The right class. */
  readonly truth: number;
  /** The predicted class; -1 when there is none (scores with NaN, an output that is missing). */
  readonly predicted: number;
  /** One score for each class; a single one (that of class 1) in a binary classifier; absent where only a label came. */
  readonly scores?: ArrayLike<number>;
}

/** One sample's numbers, predicted and right, in the same order. */
export interface ValueOutcome {
  readonly expected: ArrayLike<number>;
  readonly actual: ArrayLike<number>;
}

/** One sample's output beside the output it should agree with, element by element. */
export interface AgreementOutcome {
  readonly expected: ArrayLike<number>;
  readonly actual: ArrayLike<number>;
  /** Elements along the axis whose largest entry is the answer; see `top1-agreement`. */
  readonly rowLength: number;
}

/**
 * What a metric's numbers are: a `fraction` of 1 (a budget of 1% is 0.01 of it), decibels, the unit of the labels or
 * outputs, or its square.
 */
export type MetricUnit = 'fraction' | 'dB' | 'values' | 'values squared';

/**
 * Where a metric's interval comes from: a `proportion` has closed forms (Wilson, Newcombe) as long as every sample
 * scores 0 or 1; the `bootstrap` resamples; `none` for extremes, for which the bootstrap is inconsistent (Bickel and
 * Freedman 1981, Some asymptotic theory for the bootstrap, section 6).
 */
export type Inference = 'proportion' | 'bootstrap' | 'none';

interface MetricRow<Outcome> {
  /** Kebab-case, as `--metric` takes it. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly higherIsBetter: boolean;
  readonly unit: MetricUnit;
  readonly inference: Inference;
  /** What the metric keeps of one sample, as many numbers for every sample. A failed prediction gives NaN or the worst score. */
  record(outcome: Outcome): ArrayLike<number>;
  /** The metric's value over what it kept. Work that does not depend on the weights is done once, here. */
  estimator(records: Records): Estimate;
}

export interface ClassMetric extends MetricRow<ClassOutcome> {
  readonly kind: 'classification';
}

export interface ValueMetric extends MetricRow<ValueOutcome> {
  readonly kind: 'regression';
}

export interface AgreementMetric extends MetricRow<AgreementOutcome> {
  readonly kind: 'agreement';
  /** The value of an output that is the reference's own; absent where there is none that a drop could be taken from. */
  readonly perfect?: number;
}

export type Metric = ClassMetric | ValueMetric | AgreementMetric;

/** The part of a metric that statistics need. */
export type Estimator = Pick<Metric, 'name' | 'higherIsBetter' | 'unit' | 'inference' | 'estimator'>;
