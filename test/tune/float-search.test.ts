import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockNoise, type LayerBlock, MAX_BLOCK_TRIALS, noisiestBlocks } from '../../src/tune/block-noise.ts';
import { fewestFloats, floatOrders, MAX_ORDER_TRIALS } from '../../src/tune/fewest-floats.ts';
import type { LayerUnit } from '../../src/tune/layer-units.ts';

interface NoisyUnit extends LayerUnit {
  readonly noise: number;
}

const unitsOf = (noises: readonly number[], macs: (i: number) => number = () => 1): readonly NoisyUnit[] =>
  noises.map((noise, i) => ({ nodes: [], macs: macs(i), noise }));
const noiseIn = (units: readonly LayerUnit[]): number =>
  units.reduce((sum, unit) => sum + (unit as NoisyUnit).noise, 0);

/** Blocks of units whose noises add up, and how often one was tried alone. */
async function blocksOf(units: readonly NoisyUnit[], allowed: number) {
  let trials = 0;
  const blocks = await blockNoise(
    units,
    async (alone) => {
      trials++;
      return noiseIn(alone);
    },
    allowed,
  );
  return { blocks, trials };
}

const noises = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 300 });

describe('the noise of blocks', () => {
  it('is found for every unit, in the order of the graph, by a bounded number of trials', async () => {
    await fc.assert(
      fc.asyncProperty(noises, fc.double({ min: 0, max: 2, noNaN: true }), async (list, allowed) => {
        const units = unitsOf(list);
        const { blocks, trials } = await blocksOf(units, allowed);
        expect(blocks.flatMap((block) => block.units)).toEqual(units);
        expect(trials).toBeLessThanOrEqual(MAX_BLOCK_TRIALS);
      }),
      { seed: 7, numRuns: 50 },
    );
  });

  it('is found alone for the units that would have to stay float', async () => {
    const units = unitsOf(Array.from({ length: 200 }, (_, i) => (i === 61 || i === 150 ? 1 : 1e-6)));
    const { blocks } = await blocksOf(units, 0.01);
    const kept = [...noisiestBlocks(blocks, 0.01)];
    expect(kept.flatMap((block) => block.units)).toEqual([units[61], units[150]]);
  });

  it('leaves a model in few blocks where hardly anything has to stay float', async () => {
    expect((await blocksOf(unitsOf(new Array(200).fill(1e-6)), 0.01)).trials).toBe(16);
  });
});

describe('the search for the fewest blocks in float', () => {
  const trialOf = (all: readonly LayerBlock[]) => async (floats: readonly LayerBlock[]) => ({
    floats,
    noise: noiseIn(all.filter((block) => !floats.includes(block)).flatMap(({ units }) => units)),
  });

  it('finds the least number where noises add up', async () => {
    await fc.assert(
      fc.asyncProperty(noises, fc.double({ min: 1e-3, max: 1, noNaN: true }), async (list, allowed) => {
        const blocks = unitsOf(list).map((unit) => ({ units: [unit], noise: unit.noise }));
        for (const order of floatOrders(blocks)) {
          if (noiseIn(unitsOf(list)) <= allowed) continue;
          const trials = await fewestFloats(order, allowed, trialOf(blocks));
          expect(trials.length).toBeLessThanOrEqual(MAX_ORDER_TRIALS);
          const kept = trials.filter(({ noise }) => noise <= allowed);
          const least = Math.min(...kept.map(({ floats }) => floats.length));
          const fewer = await trialOf(blocks)(order.slice(0, least - 1));
          expect(fewer.noise).toBeGreaterThan(allowed * (1 - 1e-9));
        }
      }),
      { seed: 7, numRuns: 50 },
    );
  });

  it('goes up where parts together are worse than they are alone, to all that may be float if need be', async () => {
    const blocks = unitsOf(new Array(40).fill(0.01)).map((unit) => ({ units: [unit], noise: unit.noise }));
    const lengths = async (enough: number): Promise<number[]> => {
      const trial = async (floats: readonly LayerBlock[]) => ({ floats, noise: floats.length >= enough ? 0 : 1 });
      return (await fewestFloats(blocks, 0.205, trial)).map(({ floats }) => floats.length);
    };
    expect(await lengths(24)).toEqual([20, 30, 25, 22, 23, 24]);
    expect((await lengths(41)).at(-1)).toBe(40);
  });

  it('takes the noisiest first, and in the other order those that cost least for their noise', () => {
    const blocks = unitsOf([0.1, 0.3, 0.2], (i) => [1, 1000, 1][i]!).map((unit) => ({
      units: [unit],
      noise: unit.noise,
    }));
    const [noisiest, cheapest] = floatOrders(blocks).map((order) => order.map(({ noise }) => noise));
    expect(noisiest).toEqual([0.3, 0.2, 0.1]);
    expect(cheapest).toEqual([0.2, 0.1, 0.3]);
  });

  it('orders blocks that do not run before all others', () => {
    const blocks = unitsOf([1, Infinity, Infinity, 2]).map((unit) => ({ units: [unit], noise: unit.noise }));
    expect(floatOrders(blocks)[0]!.map(({ noise }) => noise)).toEqual([Infinity, Infinity, 2, 1]);
  });
});
