import { type Diagnostic, warning } from '../../diagnostics/diagnostic.ts';
import { fail } from '../../diagnostics/modelpress-error.ts';
import { confusionMatrix, perClassScores } from '../metrics/confusion-matrix.ts';
import type { ClassMetric } from '../metrics/metric.ts';
import { recordTable } from '../metrics/records.ts';
import { type ClassOptions, type ClassReader, MAX_CLASSES } from './class-reader.ts';
import { labelRows } from './label-rows.ts';
import type { LabelScoring, LabelTally, PlacedSample } from './label-scoring.ts';

/** Classes up to which the confusion matrix is part of a result: 100 make 10,000 numbers, about what a page can show. */
export const CONFUSION_CLASSES = 100;

/** Scores data whose labels are classes. */
export function classScoring(
  metrics: readonly ClassMetric[],
  reader: ClassReader,
  { labelOffset = 0, classNames = [] }: ClassOptions,
): LabelScoring {
  return {
    kind: 'class',
    series: metrics.map((metric) => ({ metric })),
    diagnostics: reader.diagnostics,
    tally,
  };

  function tally(): LabelTally {
    const tables = metrics.map(() => recordTable());
    const answers = recordTable();
    let outOfRange: string | undefined;
    return {
      add(sample, given) {
        for (const { placed, outputs } of labelRows(sample, given)) {
          const truth = truthOf(placed, reader, labelOffset);
          const { predicted, scores } = reader.read(outputs);
          const outcome = { truth, predicted, ...(scores === undefined ? {} : { scores }) };
          if (scores?.length === 1 && (scores[0]! < 0 || scores[0]! > 1)) outOfRange ??= placed.at;
          tables.forEach((table, i) => {
            table.push(metrics[i]!.record(outcome));
          });
          answers.push([truth, predicted]);
        }
      },
      records: () => tables.map((table) => table.records()),
      findings: () => (outOfRange === undefined ? [] : [notProbability(reader.scores!, outOfRange)]),
      classDetails() {
        const records = answers.records();
        const perClass = perClassScores(records, reader.classes, (index) => classNames[index - labelOffset]);
        if (perClass.length > CONFUSION_CLASSES) return { perClass };
        return { perClass, confusion: confusionMatrix(records, reader.classes) };
      },
    };
  }
}

/** The sample's right class in the model's indices. */
function truthOf({ sample, at }: PlacedSample, { classes, scores }: ClassReader, offset: number): number {
  if (sample.label?.kind !== 'class') throw new TypeError(`${at} has no class`);
  const truth = sample.label.index + offset;
  if (Number.isInteger(truth) && truth >= 0 && truth < (classes ?? MAX_CLASSES)) return truth;
  const of =
    classes === undefined ? `from 0, below ${MAX_CLASSES}` : `from 0 to ${classes - 1}, as output "${scores}" has`;
  return fail({
    code: 'validate-label-out-of-range',
    message: `${at} is labelled class ${sample.label.index}${offset === 0 ? '' : ` (${truth} with the offset)`}: expected a class ${of}`,
    at,
    hint: 'name the output that holds the scores with the option output in the JSON file beside the data, shift the labels with labelOffset, or do without them with labels: false',
  });
}

function notProbability(output: string, at: string): Diagnostic {
  return warning({
    code: 'validate-score-not-probability',
    message: `output "${output}" is read as the probability of class 1, but is not between 0 and 1 at ${at}`,
    at,
    hint: 'when it is a logit, set threshold to 0 in the JSON file beside the data',
  });
}
