import type { Dataset } from '../data/dataset.ts';
import type { Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import { MAX_BLOCK_TRIALS } from './block-noise.ts';
import { type FloatTrial, MAX_ORDER_TRIALS } from './fewest-floats.ts';
import { FloatSearch, macShare } from './float-search.ts';
import { Int8Trials } from './int8-trials.ts';
import { layerUnits, runsDynamically } from './layer-units.ts';
import { decibelsOf, noiseAt } from './output-noise.ts';
import { resultNames } from './result-names.ts';

/** Decibels above the budget that are looked for first: on other data than it was calibrated on a model is a few decibels worse. */
const RESERVE_DB = 3;

/** Share of the arithmetic in float above which the budget itself has to do, without a reserve. */
const MAX_RESERVE_SHARE = 0.25;

/** Models that are tried at most: as it is, with dynamic products, by parts, and by two orders for the reserve and without. */
export const MAX_TRIALS = 2 + MAX_BLOCK_TRIALS + 4 * MAX_ORDER_TRIALS;

/** What of a model is not quantized statically, by the names of results: what stays in float, and products that are dynamic. */
export interface Int8Choice {
  readonly floats: readonly string[];
  readonly dynamic: readonly string[];
}

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
  /** With everything quantized. */
  readonly full: Build;
  /** Quantizes a copy. */
  readonly build: (choice: Int8Choice) => Build;
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
  /** Products that are quantized anew in every run instead, over the range that they take in it. */
  readonly dynamicLayers: number;
  /** The share of those layers' multiply-accumulates that went back, 0 to 1. */
  readonly floatMacShare: number;
  /** Samples that whole models were compared on, models that were tried, and samples that were run through them in all. */
  readonly samples: number;
  readonly models: number;
  readonly runs: number;
}

export interface Tuned<Build> {
  readonly build: Build;
  readonly choice: Int8Choice;
  readonly tuning: Tuning;
  /** The layers that went back to float, with the ratio in decibels that their block leaves when it alone is quantized. */
  readonly sensitive: ReadonlyMap<Node, number>;
}

/**
 * Quantizes a model. Where the outputs are too far from float32 with everything in static int8, matrix products are
 * quantized dynamically if that is closer, and the layers that cost most stay in float32: as little of the arithmetic as
 * makes the budget hold, by models that were really run. Where no model with enough of it in int8 keeps the budget, the
 * closest one is returned. The number of runs is bounded, and no time is measured, so that the same input gives the same
 * model.
 *
 * @throws ModelpressError those of the runtime and the dataset.
 */
export async function tuneInt8<Build extends { readonly model: Model }>(
  request: TuneRequest<Build>,
): Promise<Tuned<Build>> {
  const { prepared, minSqnrDb, full, build } = request;
  const trials = await Int8Trials.open(prepared, request.dataset, (done) => request.onProgress?.(done, MAX_TRIALS));
  const everything: Int8Choice = { floats: [], dynamic: [] };
  const before = await trials.noiseOf(full.model);
  const units = layerUnits(prepared, request.exclude);
  const allowed = noiseAt(minSqnrDb);
  const describe = ({ floats, noise }: FloatTrial, dynamicLayers: number): Tuning => ({
    minSqnrDb,
    sqnrBefore: decibelsOf(before),
    sqnrAfter: decibelsOf(noise),
    met: noise <= allowed,
    floatLayers: floats.reduce((sum, block) => sum + block.units.length, 0),
    layers: units.length,
    dynamicLayers,
    floatMacShare: macShare(floats, units),
    samples: trials.samples,
    ...trials.cost,
  });
  if (before <= allowed || units.length === 0) {
    const tuning = describe({ floats: [], noise: before }, 0);
    return { build: full, choice: everything, tuning, sensitive: new Map() };
  }
  await request.beforeSearch();
  const names = resultNames(
    prepared.graph,
    units.flatMap(({ nodes }) => nodes),
  );
  const namesOf = (nodes: readonly Node[]): string[] => nodes.flatMap((node) => names.get(node) ?? []);

  const products = units.map(({ nodes }) => nodes[0]!).filter(runsDynamically);
  const withProducts = { floats: [], dynamic: namesOf(products) };
  const dynamicNoise = products.length === 0 ? before : await trials.noiseOf(build(withProducts).model);
  const dynamic = dynamicNoise < before ? withProducts.dynamic : [];
  const choiceOf = (floats: readonly Node[]): Int8Choice => ({ floats: namesOf(floats), dynamic });
  const search = new FloatSearch(units, trials, Math.min(before, dynamicNoise), (floats) =>
    build(choiceOf(floats.flatMap(({ nodes }) => nodes))),
  );
  let chosen = await search.cheapest(noiseAt(minSqnrDb + RESERVE_DB));
  if (chosen.noise > allowed || macShare(chosen.floats, units) > MAX_RESERVE_SHARE)
    chosen = await search.cheapest(allowed);

  const choice = choiceOf(chosen.floats.flatMap((block) => block.units.flatMap(({ nodes }) => nodes)));
  const sensitive = chosen.floats.flatMap(({ units, noise }) =>
    units.map(({ nodes }) => [nodes[0]!, decibelsOf(noise)] as const),
  );
  const float = new Set(choice.floats);
  const dynamicLayers = dynamic.filter((name) => !float.has(name)).length;
  return { build: build(choice), choice, tuning: describe(chosen, dynamicLayers), sensitive: new Map(sensitive) };
}
