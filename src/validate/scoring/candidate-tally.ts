import { type Diagnostic, note, warning } from '../../diagnostics/diagnostic.ts';
import type { Failures, OutputFailure } from '../evaluation.ts';
import type { AgreementMetric } from '../metrics/metric.ts';
import type { Records } from '../metrics/records.ts';
import type { OutputComparison } from './compare-outputs.ts';
import type { LabelTally, PlacedSample, Series } from './label-scoring.ts';
import { matchOutputs, underReferenceNames } from './match-outputs.ts';
import type { OutputContents } from './output-content.ts';
import { outputTally } from './output-series.ts';

/** Failures that a result names; the rest are counted. */
const FAILURES_SHOWN = 10;

/** What a candidate did so far. */
export interface CandidateTally {
  /** Scores sample number `index`: the candidate's outputs under their own names, beside the reference's. */
  add(placed: PlacedSample, index: number, expected: OutputContents, outputs: OutputContents): void;
  /** What each agreement series kept, in their order. */
  agreement(): readonly Records[];
  readonly labels?: LabelTally;
  failures(): Failures;
  findings(): readonly Diagnostic[];
}

/**
 * An empty tally of the candidate `name`. Its outputs are matched to the reference's at the first sample.
 *
 * @throws ModelpressError `validate-outputs-differ` from `add`
 */
export function candidateTally(
  name: string,
  series: readonly Series<AgreementMetric>[],
  labels: LabelTally | undefined,
): CandidateTally {
  const agreement = outputTally(series);
  const first: OutputFailure[] = [];
  const findings: Diagnostic[] = [];
  let samples = 0;
  let match: ReturnType<typeof matchOutputs> | undefined;
  return {
    ...(labels === undefined ? {} : { labels }),
    add(placed, index, expected, outputs) {
      if (match === undefined) {
        match = matchOutputs([...expected.keys()], [...outputs.keys()], name);
        findings.push(...matchNotes(name, match.names, match.byPosition));
        findings.push(...typeWarnings(name, expected, underReferenceNames(outputs, match)));
      }
      const usable = new Map(underReferenceNames(outputs, match));
      const broken = failuresIn(agreement.add(expected, usable), index);
      for (const { output, kind } of broken) if (kind !== 'not-finite') usable.delete(output);
      if (broken.length > 0) samples++;
      first.push(...broken.slice(0, FAILURES_SHOWN - first.length));
      labels?.add(placed, usable);
    },
    agreement: agreement.records,
    failures: () => ({ samples, first }),
    findings: () => [...findings, ...(labels?.findings() ?? [])],
  };
}

function failuresIn(comparisons: ReadonlyMap<string, OutputComparison>, sample: number): OutputFailure[] {
  const found: OutputFailure[] = [];
  for (const [output, { failure }] of comparisons)
    if (failure !== undefined) found.push({ sample, output, ...failure });
  return found;
}

function matchNotes(
  name: string,
  names: ReadonlyMap<string, string>,
  byPosition: readonly string[],
): readonly Diagnostic[] {
  return byPosition.map((output) =>
    note({
      code: 'validate-outputs-by-position',
      message: `output "${names.get(output)}" of ${name} stands for "${output}", whose place it has`,
      at: name,
    }),
  );
}

function typeWarnings(name: string, expected: OutputContents, actual: OutputContents): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const [output, content] of expected) {
    const own = actual.get(output);
    if (content.nature !== 'numbers' || own?.nature !== 'numbers' || content.float === own.float) continue;
    found.push(
      warning({
        code: 'validate-output-types-differ',
        message: `output "${output}" holds ${typeOf(content.float)} in the reference and ${typeOf(own.float)} in ${name}; they are compared as they are`,
        at: name,
        hint: 'dequantize the output with its scale and zero point to compare values',
      }),
    );
  }
  return found;
}

function typeOf(float: boolean): string {
  return float ? 'floats' : 'quantized integers';
}
