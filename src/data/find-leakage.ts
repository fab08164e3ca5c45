import type { Dataset } from './dataset.ts';

/** Samples that two datasets share. */
export interface Leakage {
  /** How many samples of the second dataset are also in the first. */
  readonly count: number;
  /** Their indices, for the first few of them: in the first dataset and in the second. */
  readonly examples: readonly { readonly first: number; readonly second: number }[];
}

/** As many examples as a person looks at. */
const EXAMPLE_LIMIT = 10;

/**
 * Finds the samples of `second` (what accuracy is measured on) whose inputs are also in `first` (what was calibrated
 * with), by their fingerprints: same names, types, dimensions and elements. Goes through both datasets once; holds a
 * fingerprint per sample of the first.
 */
export async function findLeakage(first: Dataset, second: Dataset): Promise<Leakage> {
  const known = new Map<string, number>();
  let index = 0;
  for await (const sample of first.samples()) {
    const fingerprint = sample.fingerprint();
    if (!known.has(fingerprint)) known.set(fingerprint, index);
    index++;
  }
  let count = 0;
  const examples: { first: number; second: number }[] = [];
  index = 0;
  for await (const sample of second.samples()) {
    const twin = known.get(sample.fingerprint());
    if (twin !== undefined) {
      count++;
      if (examples.length < EXAMPLE_LIMIT) examples.push({ first: twin, second: index });
    }
    index++;
  }
  return { count, examples };
}
