import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { synthesizeDataset } from '../../../src/data/synthesize-dataset.ts';
import { openModelFile } from '../../../src/files/open-model-file.ts';
import type { Model } from '../../../src/ir/model.ts';
import type { Tensor } from '../../../src/ir/tensor.ts';
import { type Chromium, withChromium } from '../../../src/runtime/chromium.ts';
import { openOrtSession } from '../../../src/runtime/onnxruntime-node.ts';
import { runBrowserArtifact } from '../../../src/targets/browser/run-browser-artifact.ts';
import { CONVNET } from '../../cli/fixture-paths.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';
import { relativeDifference } from '../../passes/compare-runs.ts';
import { HAS_ZOO, ZOO_NOTE } from '../../zoo.ts';
import { NAMED_MODELS, namedCase, TOLERANCE } from '../tfjs/named-models.ts';
import { CHROMIUM_NOTE, CHROMIUM_TEST_MS, HAS_CHROMIUM } from './chromium-note.ts';
import { emitThreeRuntimes } from './emit-three-runtimes.ts';

const folder = temporaryFolder();

/** What differs from the expected outputs in any of the runtimes, in Chromium. */
async function differences(
  chromium: Chromium,
  name: string,
  { model, feed, expected }: Readonly<Record<'feed' | 'expected', ReadonlyMap<string, Tensor>>> & { model: Model },
): Promise<readonly string[]> {
  const directory = join(folder, name);
  const files = await emitThreeRuntimes(directory, model, feed);
  const { runs } = await runBrowserArtifact(directory, [feed], { files, warmup: 0, chromium });
  return runs.flatMap((run, i) => {
    if (!run.ok) return [`${name}: ${files[i]}: ${run.message}`];
    return [...expected].flatMap(([port, tensor]) => {
      const difference = relativeDifference(tensor, run.outputs[0]!.get(port)!);
      return difference < TOLERANCE ? [] : [`${name}: ${files[i]}: ${port} differs by ${difference}`];
    });
  });
}

describe.skipIf(!HAS_CHROMIUM)(`the three runtimes in Chromium${CHROMIUM_NOTE}`, { timeout: CHROMIUM_TEST_MS }, () => {
  it('give the answer of onnxruntime-node for a fixture', async () => {
    const session = await openOrtSession(CONVNET);
    try {
      const { feed } = await synthesizeDataset(session.inputs, { seed: 1, samples: 1 }).sample(0);
      const expected = (await session.run(feed)) as ReadonlyMap<string, Tensor>;
      const model = await openModelFile(CONVNET);
      const wrong = await withChromium((chromium) => differences(chromium, 'fixture', { model, feed, expected }));
      expect(wrong).toEqual([]);
    } finally {
      await session.close();
    }
  });

  it.skipIf(!HAS_ZOO)(`give the recorded answers of ${NAMED_MODELS.length} models of the zoo${ZOO_NOTE}`, () =>
    withChromium(async (chromium) => {
      const wrong: string[] = [];
      for (const name of NAMED_MODELS) wrong.push(...(await differences(chromium, name, await namedCase(name))));
      expect(wrong).toEqual([]);
      expect(NAMED_MODELS.length).toBeGreaterThan(10);
    }),
  );
});
