import type { Label, Sample } from '../../data/dataset.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { ClassDetails } from '../evaluation.ts';
import type { Metric } from '../metrics/metric.ts';
import type { Records } from '../metrics/records.ts';
import type { OutputContents } from './output-content.ts';

/** One metric being taken, of one output where each has its own. */
export interface Series<M extends Metric = Metric> {
  readonly metric: M;
  readonly output?: string;
}

/** A sample and what to call it in a message. */
export interface PlacedSample {
  readonly sample: Sample;
  /** As `digits.npz[12]`. */
  readonly at: string;
}

/** How one kind of label is scored, decided from the first sample's outputs of the reference. */
export interface LabelScoring {
  readonly kind: Label['kind'];
  readonly series: readonly Series[];
  readonly diagnostics: readonly Diagnostic[];
  /** An empty tally, one for each model. */
  tally(): LabelTally;
}

/** One model's scores as samples come. */
export interface LabelTally {
  /**
   * Scores a sample. `outputs` are under the reference's names, without those that are missing or of the wrong shape;
   * these score worst.
   */
  add(placed: PlacedSample, outputs: OutputContents): void;
  /** What each series kept, in the order of the series. */
  records(): readonly Records[];
  /** Warnings about this model's outputs. */
  findings(): readonly Diagnostic[];
  classDetails?(): ClassDetails;
}
