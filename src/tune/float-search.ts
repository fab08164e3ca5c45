import type { Model } from '../ir/model.ts';
import { blockNoise, type LayerBlock } from './block-noise.ts';
import { type FloatTrial, fewestFloats, floatOrders, macsOf } from './fewest-floats.ts';
import type { Int8Trials } from './int8-trials.ts';
import type { LayerUnit } from './layer-units.ts';

/** Least share of the arithmetic that stays in int8; with less there is nothing to gain. */
const MIN_INT8_SHARE = 0.1;

/** Looks for layers to leave in float. What was tried for one budget is known to the search for the next. */
export class FloatSearch {
  readonly #units: readonly LayerUnit[];
  readonly #trials: Int8Trials;
  readonly #build: (floats: readonly LayerUnit[]) => { readonly model: Model };
  readonly #tried: FloatTrial[];
  #blocks: readonly LayerBlock[] | undefined;

  /**
   * @param noise that of the model with none of the units in float.
   * @param build makes the model with these units in float.
   */
  constructor(
    units: readonly LayerUnit[],
    trials: Int8Trials,
    noise: number,
    build: (floats: readonly LayerUnit[]) => { readonly model: Model },
  ) {
    this.#units = units;
    this.#trials = trials;
    this.#build = build;
    this.#tried = [{ floats: [], noise }];
  }

  /** Of the trials that bring in no more noise the one with the least arithmetic in float; where none does, the closest. */
  async cheapest(allowed: number): Promise<FloatTrial> {
    if (this.#tried[0]!.noise > allowed) {
      this.#blocks ??= await blockNoise(this.#units, (alone) => this.#noiseOfPart(alone), allowed);
      for (const order of floatOrders(this.#blocks))
        await fewestFloats(this.#affordable(order), allowed, (floats) => this.#trial(floats));
    }
    const kept = this.#tried.filter(({ noise }) => noise <= allowed);
    if (kept.length > 0) return kept.reduce((best, each) => (macsIn(each.floats) < macsIn(best.floats) ? each : best));
    return this.#tried.reduce((best, each) => (each.noise < best.noise ? each : best));
  }

  #noiseOfPart(alone: readonly LayerUnit[]): Promise<number> {
    return this.#trials.noiseOfPart(this.#build(this.#units.filter((unit) => !alone.includes(unit))).model);
  }

  async #trial(floats: readonly LayerBlock[]): Promise<FloatTrial> {
    const known = this.#tried.find((trial) => sameBlocks(trial.floats, floats));
    if (known !== undefined) return known;
    const noise = await this.#trials.noiseOf(this.#build(floats.flatMap(({ units }) => units)).model);
    const trial = { floats, noise };
    this.#tried.push(trial);
    return trial;
  }

  /** The blocks of an order that may all be float with enough of the arithmetic left in int8. */
  #affordable(order: readonly LayerBlock[]): readonly LayerBlock[] {
    const all = this.#units.reduce((sum, { macs }) => sum + macs, 0);
    let left = all;
    return order.filter((block) => {
      const rest = left - macsOf(block);
      if (rest < MIN_INT8_SHARE * all) return false;
      left = rest;
      return true;
    });
  }
}

/** The share of the multiply-accumulates of all units that blocks take, 0 to 1. */
export function macShare(blocks: readonly LayerBlock[], units: readonly LayerUnit[]): number {
  const all = units.reduce((sum, { macs }) => sum + macs, 0);
  return all === 0 ? 0 : macsIn(blocks) / all;
}

function macsIn(blocks: readonly LayerBlock[]): number {
  return blocks.reduce((sum, block) => sum + macsOf(block), 0);
}

function sameBlocks(a: readonly LayerBlock[], b: readonly LayerBlock[]): boolean {
  return a.length === b.length && a.every((block) => b.includes(block));
}
