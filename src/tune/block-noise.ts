import type { LayerUnit } from './layer-units.ts';

/** Units that follow each other, and the noise that they alone bring into the results. */
export interface LayerBlock {
  readonly units: readonly LayerUnit[];
  /** Squared differences over squares of the worst output; infinite where it does not run. */
  readonly noise: number;
}

/** Into how many parts a graph is cut at first, and how many are tried alone at most, those that are cut again included. */
const FIRST_BLOCKS = 16;
export const MAX_BLOCK_TRIALS = 48;

/**
 * The noise that each part of a model brings into the results when nothing else is quantized. Parts that would have to
 * stay float are cut in halves for as long as trials are left, so that less has to.
 *
 * @param noiseOf the noise of the results when only these units are quantized.
 * @param allowed the noise that all together may bring in.
 * @returns the blocks in the order of the graph.
 */
export async function blockNoise(
  units: readonly LayerUnit[],
  noiseOf: (alone: readonly LayerUnit[]) => Promise<number>,
  allowed: number,
): Promise<readonly LayerBlock[]> {
  let blocks: LayerBlock[] = [];
  const count = Math.min(FIRST_BLOCKS, units.length);
  for (let i = 0; i < count; i++) {
    const [start, end] = [i, i + 1].map((at) => Math.round((at * units.length) / count));
    const own = units.slice(start, end);
    blocks.push({ units: own, noise: await noiseOf(own) });
  }
  for (let trials = count; trials + 2 <= MAX_BLOCK_TRIALS; trials += 2) {
    const kept = [...noisiestBlocks(blocks, allowed)].filter((block) => block.units.length > 1);
    const [worst] = kept.sort((a, b) => descending(a.noise, b.noise));
    if (worst === undefined) break;
    const middle = Math.ceil(worst.units.length / 2);
    const halves: LayerBlock[] = [];
    for (const own of [worst.units.slice(0, middle), worst.units.slice(middle)])
      halves.push({ units: own, noise: await noiseOf(own) });
    blocks = blocks.flatMap((block) => (block === worst ? halves : [block]));
  }
  return blocks;
}

/**
 * The fewest blocks, noisiest first, without which the noise of all others together stays below `allowed`: errors that
 * are independent add up in their squares.
 */
export function noisiestBlocks(blocks: readonly LayerBlock[], allowed: number): ReadonlySet<LayerBlock> {
  const quietest = [...blocks].sort((a, b) => descending(b.noise, a.noise));
  let sum = 0;
  const kept = quietest.findIndex(({ noise }) => {
    sum += noise;
    return !(sum <= allowed);
  });
  return new Set(kept < 0 ? [] : quietest.slice(kept));
}

/** An order of numbers from the largest down, of which several may be infinite. */
export function descending(a: number, b: number): number {
  return a === b ? 0 : b - a;
}
