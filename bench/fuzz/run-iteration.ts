import { seededRandom } from '../../src/random/seeded-random.ts';
import { type Corpus, checkFile } from './files/check-file.ts';
import { GRAPH_EVERY } from './fuzz-limits.ts';
import { checkGraph } from './graphs/check-graph.ts';
import { faulty, type Outcome, textOf } from './outcome.ts';

export interface IterationOptions {
  readonly corpus: Corpus;
  /** One graph in so many is run in ONNX Runtime; 0 for none. */
  readonly runtimeEvery: number;
}

/** The seed of iteration `index` of a run; what `--reproduce` takes. */
export function seedOf(run: number, index: number): number {
  return (Math.imul(run + 1, 0x9e3779b1) + Math.imul(index + 1, 0x85ebca6b)) >>> 0;
}

/** One iteration: the same seed does the same, as long as the corpus is the same. */
export async function runIteration(seed: number, { corpus, runtimeEvery }: IterationOptions): Promise<Outcome> {
  const kind = seededRandom(~seed).integer(GRAPH_EVERY) === 0 ? 'graph' : 'file';
  try {
    return kind === 'graph' ? await checkGraph(seed, { runtimeEvery }) : checkFile(seed, corpus);
  } catch (error) {
    return faulty(kind, 'exception', textOf(error));
  }
}
