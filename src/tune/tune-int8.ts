import type { Dataset } from '../data/dataset.ts';
import type { Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import { blockNoise, type LayerBlock, MAX_BLOCK_TRIALS } from './block-noise.ts';
import { type FloatTrial, fewestFloats, floatOrders, MAX_ORDER_TRIALS, macsOf } from './fewest-floats.ts';
import { Int8Trials } from './int8-trials.ts';
import { type LayerUnit, layerUnits } from './layer-units.ts';
import { decibelsOf, noiseAt } from './output-noise.ts';
import { resultNames } from './result-names.ts';

/** Below 20 dB noise is a tenth of the signal, and predictions change. */
export const MIN_SQNR_DB = 20;

/** Decibels above the budget that a search looks for: on other data than it was calibrated on a model is a few decibels worse. */
const RESERVE_DB = 3;

/** Least share of the multiply-accumulates that quantization can take which stays in int8; with less there is nothing to gain. */
const MIN_INT8_SHARE = 0.1;

/** Models that are tried at most: as it is, by parts, and by either order. */
export const MAX_TRIALS = 1 + MAX_BLOCK_TRIALS + 2 * MAX_ORDER_TRIALS;

/** What is tuned, and how a candidate is made. */
export interface TuneRequest<Build extends { readonly model: Model }> {
  /** Not quantized, ready for it; results may be renamed in it. */
  readonly prepared: Model;
  /** What it was calibrated on; samples to validate on are none of the tuner's business. */
  readonly dataset: Dataset;
  /** Patterns of nodes that stay float anyway. */
  readonly exclude: readonly string[];
  /** Least signal-to-noise ratio of the outputs, in decibels. */
  readonly minSqnrDb: number;
  /** Quantizes a copy but for the nodes whose results have these names. */
  readonly build: (floats: readonly string[]) => Build;
  /** Called once where layers have to be left out: calibration may have to look at more values then. */
  readonly beforeSearch: () => Promise<void>;
  /** Called after each model that was tried; the total is a bound. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** What tuning came to. */
export interface Tuning {
  readonly minSqnrDb: number;
  /** Of the outputs against float32 on the compared samples, in decibels: with everything in int8, and as it is now. */
  readonly sqnrBefore: number;
  readonly sqnrAfter: number;
  /** Whether the budget holds. */
  readonly met: boolean;
  /** Layers that went back to float, and all that can be quantized. */
  readonly floatLayers: number;
  readonly layers: number;
  /** The share of those layers' multiply-accumulates that went back; null where they are not known. */
  readonly floatMacShare: number | null;
  /** Samples that whole models were compared on, models that were tried, and samples that were run through them in all. */
  readonly samples: number;
  readonly models: number;
  readonly runs: number;
}

export interface Tuned<Build> {
  readonly build: Build;
  /** Names of the results of all nodes that the search left in float. */
  readonly floats: readonly string[];
  readonly tuning: Tuning;
  /** The layers that went back to float, with the ratio in decibels that their block leaves when it alone is quantized. */
  readonly sensitive: ReadonlyMap<Node, number>;
}

/**
 * Quantizes a model, and leaves the layers that cost it most in float32 where the outputs are too far from float32 with
 * everything in int8: as little of the arithmetic as makes the budget hold, by models that were really run. Where no
 * model with enough of it in int8 keeps the budget, the closest one is returned. The number of runs is bounded, and no
 * time is measured, so that the same input gives the same model.
 *
 * @throws ModelpressError those of the runtime and the dataset.
 */
export async function tuneInt8<Build extends { readonly model: Model }>(
  request: TuneRequest<Build>,
): Promise<Tuned<Build>> {
  const { prepared, minSqnrDb, build } = request;
  const trials = await Int8Trials.open(prepared, request.dataset);
  const full = build([]);
  const before = await trials.noiseOf(full.model);
  const units = layerUnits(prepared, request.exclude);
  const describe = (chosen: FloatTrial): Tuning => ({
    minSqnrDb,
    sqnrBefore: decibelsOf(before),
    sqnrAfter: decibelsOf(chosen.noise),
    met: chosen.noise <= noiseAt(minSqnrDb),
    floatLayers: chosen.floats.reduce((sum, block) => sum + block.units.length, 0),
    layers: units.length,
    floatMacShare: shareOf(chosen.floats, units),
    samples: trials.samples,
    ...trials.cost,
  });
  const asItIs: FloatTrial = { floats: [], noise: before };
  if (before <= noiseAt(minSqnrDb) || units.length === 0)
    return { build: full, floats: [], tuning: describe(asItIs), sensitive: new Map() };

  await request.beforeSearch();
  const names = resultNames(
    prepared.graph,
    units.flatMap(({ nodes }) => nodes),
  );
  const namesOf = (floats: readonly LayerUnit[]): string[] =>
    floats.flatMap(({ nodes }) => nodes.flatMap((node) => names.get(node) ?? []));
  const without = (floats: readonly LayerUnit[]): Build => build(namesOf(floats));
  const tick = (): void => request.onProgress?.(trials.cost.models, MAX_TRIALS);
  const goal = noiseAt(minSqnrDb + RESERVE_DB);
  const blocks = await blockNoise(
    units,
    async (alone) => {
      const noise = await trials.noiseOfPart(without(units.filter((unit) => !alone.includes(unit))).model);
      tick();
      return noise;
    },
    goal,
  );
  const tried: FloatTrial[] = [asItIs];
  const trialOf = async (floats: readonly LayerBlock[]): Promise<FloatTrial> => {
    const known = tried.find((trial) => sameBlocks(trial.floats, floats));
    if (known !== undefined) return known;
    const noise = await trials.noiseOf(without(floats.flatMap((block) => block.units)).model);
    tick();
    tried.push({ floats, noise });
    return { floats, noise };
  };
  for (const order of floatOrders(blocks)) await fewestFloats(affordable(order, units), goal, trialOf);
  const chosen = bestTrial(tried, [goal, noiseAt(minSqnrDb)]);
  const sensitive = chosen.floats.flatMap(({ units, noise }) =>
    units.map(({ nodes }) => [nodes[0]!, decibelsOf(noise)] as const),
  );
  const floats = namesOf(chosen.floats.flatMap((block) => block.units));
  return {
    build: build(floats),
    floats,
    tuning: describe(chosen),
    sensitive: new Map(sensitive),
  };
}

/** The blocks of an order that may all be float with enough of the arithmetic left in int8. */
function affordable(order: readonly LayerBlock[], units: readonly LayerUnit[]): readonly LayerBlock[] {
  const all = units.reduce((sum, { macs }) => sum + macs, 0);
  let left = all;
  return order.filter((block) => {
    const rest = left - macsOf(block);
    if (rest < MIN_INT8_SHARE * all) return false;
    left = rest;
    return true;
  });
}

/** The trial with the least arithmetic in float among those that keep the first noise that any keeps; else the closest. */
function bestTrial(tried: readonly FloatTrial[], allowed: readonly number[]): FloatTrial {
  for (const most of allowed) {
    const kept = tried.filter(({ noise }) => noise <= most);
    if (kept.length > 0) return kept.reduce((best, each) => (floatMacs(each) < floatMacs(best) ? each : best));
  }
  return tried.reduce((best, each) => (each.noise < best.noise ? each : best));
}

function floatMacs({ floats }: FloatTrial): number {
  return floats.reduce((sum, block) => sum + macsOf(block), 0);
}

function shareOf(floats: readonly LayerBlock[], units: readonly LayerUnit[]): number | null {
  const all = units.reduce((sum, { macs }) => sum + macs, 0);
  return all === 0 ? null : floatMacs({ floats, noise: 0 }) / all;
}

function sameBlocks(a: readonly LayerBlock[], b: readonly LayerBlock[]): boolean {
  return a.length === b.length && a.every((block) => b.includes(block));
}
