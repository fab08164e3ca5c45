import { note } from '../../diagnostics/diagnostic.ts';
import { fail } from '../../diagnostics/modelpress-error.ts';
import type { AgreementMetric } from '../metrics/metric.ts';
import { compareOutputs } from './compare-outputs.ts';
import type { LabelScoring, PlacedSample, Series } from './label-scoring.ts';
import { matchOutputs, underReferenceNames } from './match-outputs.ts';
import { type OutputContents, outputContents } from './output-content.ts';
import { outputSeries, outputTally } from './output-series.ts';

/**
 * Scores data whose labels are the expected outputs. They are matched to the model's by name, or by place when none of
 * the names is the model's; expected outputs of only some of the names score those.
 *
 * @throws ModelpressError `validate-outputs-differ`, `validate-expected-output-unfit`; `validate-metric-unfit` when no output takes any of the metrics.
 */
export function expectedOutputScoring(
  first: PlacedSample,
  outputs: OutputContents,
  wanted: readonly AgreementMetric[],
): LabelScoring {
  const given = expectedIn(first);
  const match = matchOutputs([...given.keys()], [...outputs.keys()], 'the model');
  const toModel = invert(match.names);
  const expected = (placed: PlacedSample): OutputContents => underReferenceNames(expectedIn(placed), toModel);
  for (const [name, content] of expected(first)) {
    const failure = compareOutputs(content, outputs.get(name)).failure;
    if (failure === undefined || failure.kind === 'not-finite') continue;
    fail({
      code: 'validate-expected-output-unfit',
      message: `the expected output of ${first.at} does not fit output "${name}" of the model: ${failure.detail}`,
      at: first.at,
      hint: 'check that the data is of this model and that its outputs have the batch axis the model gives',
    });
  }
  const possible = outputSeries(expected(first));
  const series: readonly Series<AgreementMetric>[] =
    wanted.length === 0 ? possible : possible.filter(({ metric }) => wanted.some(({ name }) => name === metric.name));
  if (series.length === 0) {
    return fail({
      code: 'validate-metric-unfit',
      message: `none of the expected outputs takes the metric ${wanted.map(({ name }) => name).join(', ')}`,
      at: first.at,
      hint: `choose one of ${[...new Set(possible.map(({ metric }) => metric.name))].join(', ')}`,
    });
  }
  return {
    kind: 'outputs',
    series,
    diagnostics: match.byPosition.map((name) =>
      note({
        code: 'validate-outputs-by-position',
        message: `expected output "${name}" is compared with output "${match.names.get(name)}", which has its place`,
        at: name,
      }),
    ),
    tally() {
      const tally = outputTally(series);
      return {
        add: (placed, actual) => {
          tally.add(expected(placed), actual);
        },
        records: tally.records,
        findings: () => [],
      };
    },
  };
}

function expectedIn({ sample, at }: PlacedSample): OutputContents {
  if (sample.label?.kind !== 'outputs') throw new TypeError(`${at} has no expected outputs`);
  return outputContents(sample.label.outputs);
}

/** Model names to the data's, from the data's to the model's. */
function invert(names: ReadonlyMap<string, string>): { names: ReadonlyMap<string, string>; byPosition: readonly [] } {
  return { names: new Map([...names].map(([data, model]) => [model, data])), byPosition: [] };
}
