import { describe, expect, test } from 'vitest';
import { PASSES } from '../../passes/index.ts';
import { cloneModel } from '../../src/ir/clone.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import { fixpoint, step } from '../../src/pass/pipeline.ts';
import { runPipeline } from '../../src/pass/run-pipeline.ts';
import { seededRandom } from '../../src/random/seeded-random.ts';
import { differences, runOnce } from './compare-runs.ts';
import { runnableModel, shuffled } from './runnable-model.ts';

/** Passes that give something up on purpose, change the interface, or only convert. */
const LEFT_OUT = /^(prune|quantize|convert|shorten|calibrate|check)-|^eliminate-default-inputs$/;

const names = PASSES.map((pass) => pass.name).filter((name) => !LEFT_OUT.test(name));
const SEEDS = 200;
const SEEDS_PER_TEST = 50;

/** Relative to the largest magnitude of an output: float32 sums in another order, through about ten layers. */
const TOLERANCE = 1e-4;

describe('random models through random orders of all passes', () => {
  for (let from = 0; from < SEEDS; from += SEEDS_PER_TEST) {
    test(`seeds ${from} to ${from + SEEDS_PER_TEST - 1} give the same outputs, and the same bytes twice`, async () => {
      const wrong: string[] = [];
      for (let seed = from; seed < from + SEEDS_PER_TEST; seed++) {
        const { model, feed } = runnableModel(seed);
        const source = writeModel(model);
        const before = await runOnce(source, feed);
        const again = cloneModel(model).model;
        const bytes = optimized(model, seed);
        const found = differences(before, await runOnce(bytes, feed), 'reassociates', TOLERANCE);
        if (Buffer.compare(bytes, optimized(again, seed)) !== 0) found.push('other bytes the second time');
        if (found.length > 0) wrong.push(`seed ${seed}: ${found.join(', ')}`);
      }
      expect(wrong).toEqual([]);
    });
  }
});

function optimized(model: ReturnType<typeof runnableModel>['model'], seed: number): Uint8Array {
  const order = shuffled(seededRandom(seed), names).flatMap((name) => [step(name), step('infer-shapes')]);
  runPipeline(model, [step('infer-shapes'), step('lift-constants'), fixpoint(4, ...order)], { passes: PASSES });
  return writeModel(model);
}
