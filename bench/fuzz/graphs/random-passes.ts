import { PASSES } from '../../../passes/index.ts';
import { CLEAN } from '../../../src/compile/presets.ts';
import { fixpoint, type PipelineStep, step } from '../../../src/pass/pipeline.ts';
import type { Random } from '../../../src/random/seeded-random.ts';
import { oneIn, pick, shuffled } from './random-values.ts';

/** Passes that may change results on purpose, or what a feed must hold. */
const NOT_EXACT =
  /^(prune|quantize|calibrate|check)-|^convert-(float16|weights-float16|opset)$|^eliminate-default-inputs$/;

const NAMES = PASSES.filter(({ effect, name }) => effect !== 'lossy' && !NOT_EXACT.test(name)).map(({ name }) => name);

/** The others, without their limits for small weights, which those of made-up models are. */
const OTHERS = PASSES.filter(({ name }) => !NAMES.includes(name)).map(({ name, options }) =>
  step(name, 'minElements' in options ? { minElements: 1 } : {}),
);

/** Passes of one random list at most; each is worth a verification of the whole graph. */
const MAX_PASSES = 12;

/** Any passes in any order behind typed values, those too that change results: quantization, pruning, narrower floats. */
export function anyPasses(random: Random): readonly PipelineStep[] {
  const all = [...NAMES.map((name) => step(name)), ...OTHERS];
  return [step('infer-shapes'), step('lift-constants'), ...shuffled(random, all).slice(0, 2 * MAX_PASSES)];
}

/** The default pipeline, every third time, or some passes in any order, with types and without, once or repeated. */
export function randomPasses(
  random: Random,
  defaultsFeed: boolean,
): { steps: readonly PipelineStep[]; standard: boolean } {
  if (oneIn(random, 3)) return { steps: CLEAN, standard: true };
  const chosen = shuffled(random, NAMES).slice(0, 1 + random.integer(MAX_PASSES));
  if (defaultsFeed && oneIn(random, 4)) chosen.unshift('eliminate-default-inputs');
  const typed = oneIn(random, 4) ? [] : ['infer-shapes'];
  const lifted = oneIn(random, 4) ? [] : ['lift-constants'];
  const again = pick(random, [0, 0, 3]);
  const steps = chosen.flatMap((name) => (oneIn(random, 3) ? [step(name), step('infer-shapes')] : [step(name)]));
  return {
    steps: [...[...typed, ...lifted].map((name) => step(name)), ...(again > 0 ? [fixpoint(again, ...steps)] : steps)],
    standard: false,
  };
}
