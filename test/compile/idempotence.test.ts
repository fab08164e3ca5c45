import { describe, expect, it } from 'vitest';
import { PASSES } from '../../passes/index.ts';
import { CLEAN, SLIM } from '../../src/compile/presets.ts';
import { openModelFile } from '../../src/files/open-model-file.ts';
import type { Model } from '../../src/ir/model.ts';
import { readModel } from '../../src/onnx/read-model.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import { runPipeline } from '../../src/pass/run-pipeline.ts';
import { HAS_ZOO, ZOO_NOTE, zooModel, zooModels } from '../zoo.ts';

/** Every so manyth model of the zoo, unless all are asked for. */
const SAMPLE = process.env.MODELPRESS_FULL === '1' ? 1 : 8;

const names = zooModels().filter((_, index) => index % SAMPLE === 0);

function optimized(model: Model): Uint8Array {
  runPipeline(model, [...CLEAN, ...SLIM], { passes: PASSES });
  return writeModel(model);
}

describe.skipIf(!HAS_ZOO)(`optimizing models of the zoo${ZOO_NOTE}`, () => {
  it.each(names)(
    '%s gives the same bytes when done again from the source, and changes nothing in the result',
    async (name) => {
      const once = optimized(await openModelFile(zooModel(name)));
      expect(Buffer.compare(optimized(await openModelFile(zooModel(name))), once), 'from the source').toBe(0);
      expect(Buffer.compare(optimized(readModel(once)), once), 'the result').toBe(0);
    },
  );
});
