import { fail } from '../../diagnostics/modelpress-error.ts';
import type { ValueMetric, ValueOutcome } from '../metrics/metric.ts';
import { type RecordTable, recordTable } from '../metrics/records.ts';
import { outputOf } from './class-reader.ts';
import type { LabelScoring, PlacedSample } from './label-scoring.ts';
import { countOf, type OutputContent, type OutputContents } from './output-content.ts';

/**
 * Scores data whose labels are numbers, against the output named or else the first with as many elements.
 *
 * @throws ModelpressError `validate-unknown-output`, `validate-no-value-output`
 */
export function valueScoring(
  metrics: readonly ValueMetric[],
  first: PlacedSample,
  outputs: OutputContents,
  named?: string,
): LabelScoring {
  const count = valuesOf(first).length;
  const output = named ?? [...outputs].find(([, content]) => fits(content, count))?.[0];
  if (output === undefined || !fits(outputOf(outputs, output), count)) {
    const found = [...outputs].map(([name, { nature, dims }]) => `${name} (${nature} [${dims.join(',')}])`).join(', ');
    return fail({
      code: 'validate-no-value-output',
      message: `${first.at} is labelled with ${count} values, but ${named === undefined ? 'no output has' : `output "${named}" has not`} as many: found ${found || 'none'}`,
      at: first.at,
      hint: 'give as many label columns as the output has elements, or name another output with the option output of the data',
    });
  }
  return {
    kind: 'values',
    series: metrics.map((metric) => ({ metric, output })),
    diagnostics: [],
    tally() {
      const tables = metrics.map(() => recordTable());
      return {
        add(placed, given) {
          const outcome = outcomeOf(placed, given.get(output), output);
          tables.forEach((table, i) => {
            pushRow(table, metrics[i]!.record(outcome), placed.at);
          });
        },
        records: () => tables.map((table) => table.records()),
        findings: () => [],
      };
    },
  };
}

function fits(content: OutputContent, count: number): boolean {
  return content.nature !== 'text' && countOf(content) === count;
}

function valuesOf({ sample, at }: PlacedSample): readonly number[] {
  if (sample.label?.kind !== 'values') throw new TypeError(`${at} has no values`);
  return sample.label.values;
}

/** The label beside the output; an output that is missing counts as NaN. */
function outcomeOf(placed: PlacedSample, content: OutputContent | undefined, output: string): ValueOutcome {
  const expected = valuesOf(placed);
  if (content === undefined || content.nature === 'text') return { expected, actual: expected.map(() => Number.NaN) };
  if (content.values.length === expected.length) return { expected, actual: content.values };
  return fail({
    code: 'validate-value-count-differs',
    message: `${placed.at} is labelled with ${expected.length} values, but output "${output}" has ${content.values.length}`,
    at: placed.at,
    hint: 'give as many label columns as the output has elements',
  });
}

function pushRow(table: RecordTable, row: ArrayLike<number>, at: string): void {
  try {
    table.push(row);
  } catch (error) {
    fail(
      {
        code: 'validate-value-count-varies',
        message: `${at} has another number of label values than the samples before it, which this metric needs the same`,
        at,
        hint: 'choose mae, mse or rmse, or give every sample as many values',
      },
      error,
    );
  }
}
