import type { OutputFailure } from '../evaluation.ts';
import type { AgreementOutcome } from '../metrics/metric.ts';
import { countOf, isVector, type OutputContent, squeezed } from './output-content.ts';

/** How an output compares: element by element, and what is broken about it. */
export interface OutputComparison {
  readonly outcome: AgreementOutcome;
  readonly failure?: Pick<OutputFailure, 'kind' | 'detail'>;
}

/**
 * Lays an output beside the one it should agree with. An output that is missing, of another shape (ones aside) or of
 * text against numbers counts as NaN throughout. NaN where there should be none, or an infinity where there should be a
 * finite number, is a failure; so is nothing else.
 */
export function compareOutputs(expected: OutputContent, actual: OutputContent | undefined): OutputComparison {
  if (actual === undefined) return broken(expected, 'missing', 'the output is missing');
  if ((expected.nature === 'text') !== (actual.nature === 'text')) {
    return broken(expected, 'type', `expected ${expected.nature}, found ${actual.nature}`);
  }
  const [want, found] = [squeezed(expected), squeezed(actual)];
  if (want.length !== found.length || want.some((dim, i) => dim !== found[i])) {
    return broken(expected, 'shape', `expected shape [${expected.dims.join(',')}], found [${actual.dims.join(',')}]`);
  }
  const rowLength = rowLengthOf(expected);
  if (expected.nature === 'text' || actual.nature === 'text') {
    return { outcome: { ...sameTexts(expected, actual), rowLength } };
  }
  const outcome = { expected: expected.values, actual: actual.values, rowLength };
  const detail = notFinite(outcome);
  return detail === undefined ? { outcome } : { outcome, failure: { kind: 'not-finite', detail } };
}

/** Length of the rows whose largest element is an answer: all of a vector, else the last axis. */
export function rowLengthOf(content: OutputContent): number {
  return Math.max(1, isVector(content) ? countOf(content) : content.dims.at(-1)!);
}

function broken(expected: OutputContent, kind: OutputFailure['kind'], detail: string): OutputComparison {
  const values = expected.nature === 'text' ? new Float64Array(expected.texts.length) : expected.values;
  const actual = new Float64Array(values.length).fill(Number.NaN);
  return { outcome: { expected: values, actual, rowLength: rowLengthOf(expected) }, failure: { kind, detail } };
}

/** Texts as 0 against 0 where they are the same and 1 where not. */
function sameTexts(expected: OutputContent, actual: OutputContent): Pick<AgreementOutcome, 'expected' | 'actual'> {
  const want = expected.nature === 'text' ? expected.texts : [];
  const found = actual.nature === 'text' ? actual.texts : [];
  return { expected: new Float64Array(want.length), actual: want.map((text, i) => (text === found[i] ? 0 : 1)) };
}

function notFinite({ expected, actual }: Pick<AgreementOutcome, 'expected' | 'actual'>): string | undefined {
  let nans = 0;
  let infinities = 0;
  for (let i = 0; i < expected.length; i++) {
    const value = actual[i]!;
    if (Number.isFinite(value)) continue;
    if (Number.isNaN(value) && !Number.isNaN(expected[i])) nans++;
    else if (!Number.isNaN(value) && Number.isFinite(expected[i])) infinities++;
  }
  if (nans + infinities === 0) return undefined;
  return `${nans} NaN and ${infinities} infinite of ${expected.length} elements where the reference has none`;
}
