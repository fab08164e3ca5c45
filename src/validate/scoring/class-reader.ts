import { type Diagnostic, note, warning } from '../../diagnostics/diagnostic.ts';
import { fail } from '../../diagnostics/modelpress-error.ts';
import { indexOfLargest } from '../metrics/top-k.ts';
import { nearestName } from '../nearest-name.ts';
import { countOf, isVector, type OutputContent, type OutputContents } from './output-content.ts';

/** How a classifier's outputs are to be read. */
export interface ClassOptions {
  /** The output with the scores (or with the label); found by its shape when not given. */
  readonly output?: string;
  /** Added to the data's class indices to get the model's: 1 for a model whose class 0 is the background. Default 0. */
  readonly labelOffset?: number;
  /** From which score on a binary classifier with a single score says class 1. Default 0.5; 0 for logits. */
  readonly threshold?: number;
  readonly classNames?: readonly string[];
}

/** A classifier's answer to one sample; see `ClassOutcome`. */
export interface ClassReading {
  readonly predicted: number;
  readonly scores?: ArrayLike<number>;
}

/** Reads classes from outputs. */
export interface ClassReader {
  /** The output with the scores. */
  readonly scores?: string;
  /** The output with the predicted class itself, which tree ensembles and pipelines have. */
  readonly label?: string;
  /** Number of classes; undefined when there are no scores. */
  readonly classes?: number;
  readonly diagnostics: readonly Diagnostic[];
  read(outputs: OutputContents): ClassReading;
}

const DEFAULT_THRESHOLD = 0.5;

/** Class indices stay below this: what a model or a file says beyond it is an identifier, and would make huge arrays. */
export const MAX_CLASSES = 100_000;

/**
 * Finds where a classifier's answer is, from the outputs of one sample. Scores are numbers along a single axis of at
 * least two; of several such outputs the one with as many as there are class names, else the first. A single number is
 * the score of class 1. An output of a single integer or text is the predicted class, which then counts before the
 * highest score.
 *
 * @throws ModelpressError `validate-unknown-output`, `validate-no-class-output`
 */
export function classReader(outputs: OutputContents, options: ClassOptions = {}): ClassReader {
  const { threshold = DEFAULT_THRESHOLD, classNames = [] } = options;
  const named =
    options.output === undefined ? [...outputs] : [[options.output, outputOf(outputs, options.output)] as const];
  const labels = named.filter(([, content]) => content.nature !== 'numbers' && countOf(content) === 1);
  const scores = named.filter(([, content]) => isScores(content));
  const single = named.find(([, content]) => content.nature === 'numbers' && countOf(content) === 1);
  const chosen = scores.find(([, content]) => countOf(content) === classNames.length) ?? scores[0];
  const label = labels[0]?.[0];
  const said = saidBy(labels[0]?.[1], chosen && scoresOf(chosen[1], classNames), options);
  if (chosen !== undefined) {
    const [name, content] = chosen;
    const classes = scoresOf(content, classNames).length;
    return {
      scores: name,
      ...(label === undefined ? {} : { label }),
      classes,
      diagnostics: doubts(name, classes, scores.length, label, options),
      read: (given) => {
        const content = given.get(name);
        const values = content === undefined ? allNaN(classes) : scoresOf(content, classNames);
        const highest = indexOfLargest(values);
        const predicted = label === undefined ? highest : said(given.get(label));
        return { predicted: highest < 0 ? -1 : predicted, scores: values };
      },
    };
  }
  if (label !== undefined) {
    return {
      label,
      diagnostics: [],
      read: (given) => ({ predicted: said(given.get(label)) }),
    };
  }
  if (single !== undefined) {
    const name = single[0];
    return {
      scores: name,
      classes: 2,
      diagnostics: [],
      read: (given) => {
        const content = given.get(name);
        const score = content === undefined || content.nature === 'text' ? Number.NaN : content.values[0]!;
        return { predicted: Number.isNaN(score) ? -1 : score >= threshold ? 1 : 0, scores: [score] };
      },
    };
  }
  const found = named.map(([name, { nature, dims }]) => `${name} (${nature} [${dims.join(',')}])`).join(', ');
  return fail({
    code: 'validate-no-class-output',
    message: `the data has classes, but no output of the model holds one score for each class: found ${found || 'none'}`,
    at: options.output ?? [...outputs.keys()].join(', '),
    hint: 'name the output that holds the scores with the option output of the data, or give labels that fit the outputs',
  });
}

/** The output of that name. */
export function outputOf(outputs: OutputContents, name: string): OutputContent {
  const near = nearestName(name, outputs.keys());
  return (
    outputs.get(name) ??
    fail({
      code: 'validate-unknown-output',
      message: `the model has no comparable output "${name}": found ${[...outputs.keys()].join(', ')}`,
      at: name,
      hint: near === undefined ? 'give the name of one of these' : `did you mean "${near}"?`,
    })
  );
}

function isScores(content: OutputContent): boolean {
  return content.nature === 'numbers' && countOf(content) >= 2 && isVector(content);
}

/** Scores in the order of the classes: a map's keys are class indices or names. */
function scoresOf(content: OutputContent, classNames: readonly string[]): ArrayLike<number> {
  if (content.nature === 'text') return [];
  const { keys, values } = content;
  if (keys === undefined) return values;
  const named = keys.map((key) => classNames.indexOf(key));
  const places = named.some((place) => place < 0) ? keys.map(Number) : named;
  if (!places.every((place) => Number.isInteger(place) && place >= 0 && place < MAX_CLASSES)) return values;
  const scores = new Float64Array(Math.max(...places) + 1).fill(Number.NEGATIVE_INFINITY);
  places.forEach((place, i) => {
    scores[place] = values[i]!;
  });
  return scores;
}

/**
 * How to read what a label output says as an index of the model's classes, -1 where it is none. A number is an index,
 * or, where classes have numbers for names, such a name: where the first sample's highest score is of the class of that
 * name, and where it cannot be an index.
 */
function saidBy(
  first: OutputContent | undefined,
  firstScores: ArrayLike<number> | undefined,
  { classNames = [], labelOffset = 0 }: ClassOptions,
): (content: OutputContent | undefined) => number {
  const named = (value: number): number => classNames.indexOf(String(value));
  const highest = firstScores === undefined ? -1 : indexOfLargest(firstScores);
  const one = first === undefined || first.nature === 'text' ? undefined : first.values[0]!;
  const saysNames = one !== undefined && highest >= 0 && one !== highest && named(one) === highest;
  const within = (index: number): boolean => index >= 0 && index < (classNames.length || MAX_CLASSES);
  return (content) => {
    if (content === undefined) return -1;
    if (content.nature === 'text') return offset(classNames.indexOf(content.texts[0]!), labelOffset);
    const value = content.values[0]!;
    const name = named(value);
    const index = value + labelOffset;
    if (name >= 0 && (saysNames || !within(index))) return offset(name, labelOffset);
    return index >= 0 && index < MAX_CLASSES ? index : -1;
  };
}

function offset(index: number, by: number): number {
  return index < 0 ? -1 : index + by;
}

function allNaN(count: number): Float64Array {
  return new Float64Array(count).fill(Number.NaN);
}

function doubts(
  name: string,
  classes: number,
  candidates: number,
  label: string | undefined,
  { classNames = [], labelOffset = 0 }: ClassOptions,
): Diagnostic[] {
  const found: Diagnostic[] = [];
  if (candidates > 1 && classes !== classNames.length) {
    found.push(
      warning({
        code: 'validate-class-output-ambiguous',
        message: `${candidates} outputs could hold the class scores; the first, "${name}", is taken`,
        at: name,
        hint: 'name it with the option output in the JSON file beside the data',
      }),
    );
  }
  if (classNames.length > 0 && classes === classNames.length + 1 && labelOffset === 0) {
    found.push(
      warning({
        code: 'validate-class-count-differs',
        message: `output "${name}" has ${classes} classes, the data ${classNames.length}`,
        at: name,
        hint: 'when class 0 of the model is the background, set labelOffset to 1 in the JSON file beside the data',
      }),
    );
  }
  if (label !== undefined) {
    found.push(
      note({
        code: 'validate-class-from-label',
        message: `the predicted class is what output "${label}" says; scores are from "${name}"`,
        at: label,
      }),
    );
  }
  return found;
}
