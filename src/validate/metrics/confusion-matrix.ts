import type { Records, Weights } from './records.ts';

/** How often each right class (row) was predicted as each class (column). */
export interface ConfusionMatrix {
  readonly classes: number;
  /** `counts[truth][predicted]`. */
  readonly counts: readonly (readonly number[])[];
  /** Samples of each right class for which no class was predicted. */
  readonly unpredicted: readonly number[];
}

/** Precision, recall and F1 of one class. */
export interface ClassScore {
  readonly index: number;
  readonly name?: string;
  /** Share of the predictions of this class that are right; 0 when it was never predicted. */
  readonly precision: number;
  /** Share of this class's samples that were predicted as it; 0 when there are none. */
  readonly recall: number;
  /** Harmonic mean of the two. */
  readonly f1: number;
  /** Samples of this class. */
  readonly support: number;
}

/** What precision and recall are made of, class by class. */
export interface ClassCounts {
  readonly hits: Float64Array;
  readonly truths: Float64Array;
  readonly predictions: Float64Array;
}

/** Counts by class over records `[truth, predicted]`. */
export function classCounts({ size, values }: Records, classes: number, weights?: Weights): ClassCounts {
  const hits = new Float64Array(classes);
  const truths = new Float64Array(classes);
  const predictions = new Float64Array(classes);
  for (let i = 0; i < size; i++) {
    const weight = weights === undefined ? 1 : weights[i]!;
    const truth = values[2 * i]!;
    const predicted = values[2 * i + 1]!;
    truths[truth]! += weight;
    if (predicted < 0) continue;
    predictions[predicted]! += weight;
    if (truth === predicted) hits[truth]! += weight;
  }
  return { hits, truths, predictions };
}

/** One more than the highest class index in records `[truth, predicted]`. */
export function classesIn({ size, values }: Records): number {
  let highest = -1;
  for (let i = 0; i < 2 * size; i++) highest = Math.max(highest, values[i]!);
  return highest + 1;
}

/** The confusion matrix of records `[truth, predicted]`, over at least `classes` classes. */
export function confusionMatrix(records: Records, classes = 0): ConfusionMatrix {
  const count = Math.max(classes, classesIn(records));
  const counts = Array.from({ length: count }, () => new Array<number>(count).fill(0));
  const unpredicted = new Array<number>(count).fill(0);
  for (let i = 0; i < records.size; i++) {
    const truth = records.values[2 * i]!;
    const predicted = records.values[2 * i + 1]!;
    if (predicted < 0) unpredicted[truth]!++;
    else counts[truth]![predicted]!++;
  }
  return { classes: count, counts, unpredicted };
}

/** Precision, recall, F1 and support of each class in records `[truth, predicted]`, over at least `classes` classes. */
export function perClassScores(
  records: Records,
  classes = 0,
  nameOf: (index: number) => string | undefined = () => undefined,
): ClassScore[] {
  const count = Math.max(classes, classesIn(records));
  const counts = classCounts(records, count);
  return Array.from({ length: count }, (_, index) => {
    const name = nameOf(index);
    return { index, ...(name === undefined ? {} : { name }), ...scoreOf(counts, index) };
  });
}

function scoreOf({ hits, truths, predictions }: ClassCounts, index: number): Omit<ClassScore, 'index' | 'name'> {
  const support = truths[index]!;
  const predicted = predictions[index]!;
  return {
    precision: predicted === 0 ? 0 : hits[index]! / predicted,
    recall: support === 0 ? 0 : hits[index]! / support,
    f1: support + predicted === 0 ? 0 : (2 * hits[index]!) / (support + predicted),
    support,
  };
}
