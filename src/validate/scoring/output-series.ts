import { cosine } from '../metrics/cosine-similarity.ts';
import { equalElements, top1Agreement } from '../metrics/match-share.ts';
import { maxAbsoluteError, maxRelativeError } from '../metrics/max-deviation.ts';
import type { AgreementMetric } from '../metrics/metric.ts';
import { type Records, recordTable } from '../metrics/records.ts';
import { sqnr } from '../metrics/signal-to-noise.ts';
import { compareOutputs, type OutputComparison, rowLengthOf } from './compare-outputs.ts';
import type { Series } from './label-scoring.ts';
import { isVector, type OutputContent, type OutputContents } from './output-content.ts';

/** The metrics that each output's agreement is taken by: numbers by their distance, labels and text by being the same. */
export function outputSeries(outputs: OutputContents): readonly Series<AgreementMetric>[] {
  return [...outputs].flatMap(([output, content]) => metricsOf(content).map((metric) => ({ metric, output })));
}

function metricsOf(content: OutputContent): readonly AgreementMetric[] {
  if (content.nature !== 'numbers') return [equalElements];
  const distances = [cosine, sqnr, maxAbsoluteError, maxRelativeError];
  return hasAnswers(content) ? [...distances, top1Agreement] : distances;
}

/** Whether the last axis may hold scores: of a vector or of a sequence of them, not of an image. */
function hasAnswers(content: OutputContent): boolean {
  return rowLengthOf(content) > 1 && (isVector(content) || content.dims.length === 3);
}

/** Outputs beside those they should agree with, as samples come. */
export interface OutputTally {
  /** Compares a sample's outputs; returns how each compares, by name. */
  add(expected: OutputContents, actual: OutputContents): ReadonlyMap<string, OutputComparison>;
  /** What each series kept, in their order. */
  records(): readonly Records[];
}

/** An empty tally over these series. */
export function outputTally(series: readonly Series<AgreementMetric>[]): OutputTally {
  const tables = series.map(() => recordTable());
  return {
    add(expected, actual) {
      const comparisons = new Map<string, OutputComparison>();
      for (const [name, content] of expected) comparisons.set(name, compareOutputs(content, actual.get(name)));
      series.forEach(({ metric, output }, i) => {
        const comparison = comparisons.get(output!);
        if (comparison !== undefined) tables[i]!.push(metric.record(comparison.outcome));
      });
      return comparisons;
    },
    records: () => tables.map((table) => table.records()),
  };
}
