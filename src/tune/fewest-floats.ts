import { descending, type LayerBlock } from './block-noise.ts';

/** Models that are tried for one order of blocks at most. */
export const MAX_ORDER_TRIALS = 6;

/** What trying a model with some blocks in float came to. */
export interface FloatTrial {
  readonly floats: readonly LayerBlock[];
  readonly noise: number;
}

/**
 * The orders in which blocks are taken back to float: the noisiest first, which needs the fewest, and those first that
 * bring the most noise for their multiply-accumulates, which may need the cheapest.
 */
export function floatOrders(blocks: readonly LayerBlock[]): readonly (readonly LayerBlock[])[] {
  const perMac = (block: LayerBlock): number => block.noise / (1 + macsOf(block));
  const noisy = blocks.filter(({ noise }) => noise > 0);
  return [
    [...noisy].sort((a, b) => descending(a.noise, b.noise)),
    [...noisy].sort((a, b) => descending(perMac(a), perMac(b))),
  ];
}

/**
 * Looks for the least number of blocks, from the front of an order, that have to be float for the noise to be allowed: by
 * halving, from where the blocks' own noises add up to what is allowed. Gives every trial that it made.
 *
 * @param order the blocks that may be float.
 * @param trialOf runs the model with these blocks in float.
 */
export async function fewestFloats(
  order: readonly LayerBlock[],
  allowed: number,
  trialOf: (floats: readonly LayerBlock[]) => Promise<FloatTrial>,
): Promise<readonly FloatTrial[]> {
  const trials: FloatTrial[] = [];
  const most = order.length;
  let [low, high] = [0, most + 1];
  let next = Math.min(most, Math.max(1, predictedFloats(order, allowed)));
  while (low < next && next < high && trials.length < MAX_ORDER_TRIALS) {
    const trial = await trialOf(order.slice(0, next));
    trials.push(trial);
    if (trial.noise <= allowed) high = next;
    else low = next;
    const last = high > most && trials.length === MAX_ORDER_TRIALS - 1;
    next = last ? most : Math.floor((low + high) / 2);
  }
  return trials;
}

/** How many blocks have to be float if noises simply add up. */
function predictedFloats(order: readonly LayerBlock[], allowed: number): number {
  let sum = 0;
  for (let kept = order.length; kept > 0; kept--) {
    sum += order[kept - 1]!.noise;
    if (!(sum <= allowed)) return kept;
  }
  return 0;
}

/** Multiply-accumulates of a block. */
export function macsOf({ units }: LayerBlock): number {
  return units.reduce((sum, { macs }) => sum + macs, 0);
}
