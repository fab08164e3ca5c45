import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../../../src/ir/tensor.ts';
import { withChromium } from '../../../src/runtime/chromium.ts';
import { openTfjsSession } from '../../../src/runtime/tfjs.ts';
import { TfjsHost } from '../../../src/runtime/tfjs-host.ts';
import { runBrowserArtifact } from '../../../src/targets/browser/run-browser-artifact.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';
import { relativeDifference } from '../../passes/compare-runs.ts';
import { HAS_ZOO, ZOO_NOTE } from '../../zoo.ts';
import { CHROMIUM_NOTE, CHROMIUM_TEST_MS, HAS_CHROMIUM } from '../browser/chromium-note.ts';
import { emitTfjs } from './emit-tfjs.ts';
import { NAMED_MODELS, namedCase, TOLERANCE } from './named-models.ts';

describe.skipIf(!HAS_ZOO)(`models of the zoo in TensorFlow.js${ZOO_NOTE}`, () => {
  const host = new TfjsHost();
  afterAll(() => host.close());

  it.each(NAMED_MODELS)('%s equals ONNX Runtime in its wasm backend', async (name) => {
    const { feed, expected, built } = await namedCase(name);
    const session = await openTfjsSession(built.files, { host, backend: 'wasm' });
    const found = await session.run(feed);
    await session.close();
    expect(session.backend).toBe('wasm');
    for (const [port, tensor] of expected) {
      expect(relativeDifference(tensor, found.get(port) as Tensor), port).toBeLessThan(TOLERANCE);
    }
  });
});

describe.skipIf(!HAS_CHROMIUM || !HAS_ZOO)(`models of the zoo in Chromium${CHROMIUM_NOTE}${ZOO_NOTE}`, () => {
  const folder = temporaryFolder();

  it(
    `${NAMED_MODELS.length} of them answer through the loader as in ONNX Runtime`,
    () =>
      withChromium(async (chromium) => {
        const wrong: string[] = [];
        for (const name of NAMED_MODELS) {
          const { feed, expected, built } = await namedCase(name);
          const directory = join(folder, name);
          mkdirSync(directory);
          await emitTfjs(directory, name, built, feed);
          const { runs } = await runBrowserArtifact(directory, [feed], { warmup: 0, chromium });
          const [run] = runs;
          if (run?.ok !== true) {
            wrong.push(`${name}: ${run?.message}`);
            continue;
          }
          for (const [port, tensor] of expected) {
            const difference = relativeDifference(tensor, run.outputs[0]!.get(port)!);
            if (!(difference < TOLERANCE)) wrong.push(`${name}: ${port} differs by ${difference}`);
          }
        }
        expect(wrong).toEqual([]);
        expect(NAMED_MODELS.length).toBeGreaterThan(5);
      }),
    CHROMIUM_TEST_MS,
  );
});
