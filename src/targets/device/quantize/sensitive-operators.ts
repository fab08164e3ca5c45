import type { TfOperator } from '../tflite/tf-graph.ts';

/** Runs of operators that are tried alone at most: each costs loading the model once. */
const MAX_BLOCKS = 48;

/** Operators that follow each other, and the noise that they alone bring into the results. */
export interface OperatorBlock {
  readonly operators: readonly TfOperator[];
  /** Squared differences over squares of the worst output; infinite where it does not run. */
  readonly noise: number;
}

/**
 * The noise that each part of a graph brings into the results when nothing else computes with integers.
 *
 * @param candidates operators that can compute with integers, in order.
 * @param noiseOf the noise of the results when all operators but these stay float.
 */
export async function blockNoise(
  candidates: readonly TfOperator[],
  noiseOf: (operators: ReadonlySet<TfOperator>) => Promise<number>,
): Promise<readonly OperatorBlock[]> {
  const size = Math.ceil(candidates.length / MAX_BLOCKS);
  const blocks: OperatorBlock[] = [];
  for (let start = 0; start < candidates.length; start += size) {
    const operators = candidates.slice(start, start + size);
    blocks.push({ operators, noise: await noiseOf(new Set(operators)) });
  }
  return blocks;
}

/**
 * The fewest blocks, noisiest first, without which the noise of all others together stays below `allowed`: errors that
 * are independent add up in their squares.
 */
export function noisiestOperators(blocks: readonly OperatorBlock[], allowed: number): ReadonlySet<TfOperator> {
  const quietest = [...blocks].sort((a, b) => a.noise - b.noise);
  let sum = 0;
  const kept = quietest.findIndex(({ noise }) => {
    sum += noise;
    return !(sum <= allowed);
  });
  return new Set(kept < 0 ? [] : quietest.slice(kept).flatMap(({ operators }) => operators));
}
