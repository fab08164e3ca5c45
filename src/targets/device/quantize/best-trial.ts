import type { TfGraph } from '../tflite/tf-graph.ts';
import { type IntegerLevel, keptInFloat } from './fallback-levels.ts';
import type { IntegerTrials, Trial, TrialRecipe } from './integer-trials.ts';
import { noisiestOperators } from './sensitive-operators.ts';

/** What is looked for, and where. */
export interface SearchSetting {
  /** Signal-to-noise ratio in decibels that is close enough. */
  readonly minSqnrDb: number;
  readonly levels: readonly IntegerLevel[];
}

/**
 * Decibels above what is close enough at which no more is tried: on other data a model is a few decibels worse. Half of
 * them do where operators stay float already.
 */
const RESERVE_DB = 5;

/** How much lower the noise is to be than wanted, in turn: noises that are not independent add up to more. */
const MARGINS_DB = [0, 3, 6];

/** What is tried in turn while all operators compute with integers, given the closest so far; it costs more and more. */
const RECIPES: readonly ((closest: Trial | undefined) => TrialRecipe)[] = [
  () => ({ observer: 'min-max', rounding: 'nearest' }),
  () => ({ observer: 'mse', rounding: 'nearest' }),
  (closest) => ({ observer: closest?.recipe.observer ?? 'mse', rounding: 'reconstructed' }),
];

/**
 * The closest graph with all operators in integers, or, where that is not close enough, one that keeps more and more of
 * them in float until it is. The noisiest are kept until there is a reserve too, half of it where more than half of
 * the operators would have to be.
 */
export async function bestTrial(graph: TfGraph, trials: IntegerTrials, setting: SearchSetting): Promise<Trial> {
  const { minSqnrDb, levels } = setting;
  const goal = minSqnrDb + RESERVE_DB;
  let best: Trial | undefined;
  for (const level of levels) {
    if (best !== undefined && best.sqnrDb >= minSqnrDb) break;
    const { recipe } = best ?? {};
    for (const recipeAfter of recipe === undefined ? RECIPES : [() => recipe]) {
      if (best !== undefined && best.level === level && best.sqnrDb >= goal) break;
      for await (const trial of trialsAt(level, recipeAfter(best))) {
        if (best === undefined || trial.sqnrDb > best.sqnrDb) best = trial;
        if (trial.sqnrDb >= (level === 'float-sensitive' ? minSqnrDb + RESERVE_DB / 2 : goal)) break;
      }
    }
  }
  return best!;

  async function* trialsAt(level: IntegerLevel, recipe: TrialRecipe): AsyncIterable<Trial> {
    if (level !== 'float-sensitive') {
      yield await trials.run({ recipe, level, keepFloat: keptInFloat(graph, level) });
      return;
    }
    const blocks = await trials.blockNoise(recipe);
    const floatsFor = (decibels: number) => noisiestOperators(blocks, 10 ** (-decibels / 10));
    const all = blocks.reduce((sum, { operators }) => sum + operators.length, 0);
    const aim = minSqnrDb + (floatsFor(goal).size > all / 2 ? RESERVE_DB / 2 : RESERVE_DB);
    let kept = 0;
    for (const margin of MARGINS_DB) {
      const floats = floatsFor(aim + margin);
      if (floats.size === kept || floats.size === all) continue;
      kept = floats.size;
      yield await trials.run({ recipe, level, keepFloat: (operator) => floats.has(operator) });
    }
  }
}
