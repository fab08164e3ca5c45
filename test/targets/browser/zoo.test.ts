import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { answerDifference } from '../../../src/compile/artifacts/compare-answers.ts';
import { describePort } from '../../../src/compile/describe-source.ts';
import { openDataset } from '../../../src/data/open-dataset.ts';
import { synthesizeDataset } from '../../../src/data/synthesize-dataset.ts';
import { openModelFile } from '../../../src/files/open-model-file.ts';
import { saveModelFile } from '../../../src/files/save-model-file.ts';
import { type Chromium, withChromium } from '../../../src/runtime/chromium.ts';
import { openOrtSession } from '../../../src/runtime/onnxruntime-node.ts';
import { emitBrowser } from '../../../src/targets/browser/emit-browser.ts';
import { runBrowserArtifact } from '../../../src/targets/browser/run-browser-artifact.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';
import { HAS_ZOO, ZOO_NOTE, zooModel, zooModels, zooTestData } from '../../zoo.ts';
import { CHROMIUM_NOTE, CHROMIUM_TEST_MS, HAS_CHROMIUM } from './chromium-note.ts';
import { onnxCandidate } from './tiny-artifact.ts';

const folder = temporaryFolder();

/** Classifiers and detectors of the sizes that browsers are given. */
const WANTED =
  /^(mnist-|cifar-winml|mlperf-(ic|kws|vww)|mobilenetv1-025|mobilenetv2-100|hand-keypoint|adult-mlp|sevenseg-mobilenetv2)/;
const MODELS = zooModels().filter((name) => WANTED.test(name));

/** Difference from onnxruntime-node, relative to the largest value: both compute in float32, in another order. */
const TOLERANCE = 1e-4;

describe.skipIf(!HAS_CHROMIUM || !HAS_ZOO)(`zoo models in Chromium${CHROMIUM_NOTE}${ZOO_NOTE}`, () => {
  it(
    `${MODELS.length} of them answer as in onnxruntime-node`,
    () =>
      withChromium(async (chromium) => {
        const wrong: string[] = [];
        for (const name of MODELS) {
          const difference = await differenceInChromium(chromium, name);
          if (difference !== undefined) wrong.push(`${name}: ${difference}`);
        }
        expect(wrong).toEqual([]);
        expect(MODELS.length).toBeGreaterThan(15);
      }),
    CHROMIUM_TEST_MS,
  );
});

async function differenceInChromium(chromium: Chromium, name: string): Promise<string | undefined> {
  const path = zooModel(name);
  const session = await openOrtSession(path);
  try {
    const [recorded] = zooTestData(name);
    const data =
      recorded === undefined
        ? synthesizeDataset(session.inputs, { seed: 0, samples: 1 })
        : await openDataset(recorded, session);
    const { feed } = await data.sample(0);
    const directory = join(folder, name);
    mkdirSync(directory);
    const external = name.endsWith('-external');
    const paths = await saveModelFile(await openModelFile(path), join(directory, 'model.onnx'), { external });
    const files = paths.map((one) => basename(one));
    await emitBrowser({
      directory,
      files: paths.map((copyFrom) => ({ path: basename(copyFrom), copyFrom })),
      manifest: {
        model: { name, version: 1 },
        inputs: session.inputs.map(describePort),
        outputs: session.outputs.map(describePort),
        browser: { candidates: [{ ...onnxCandidate('model.onnx'), files }], choice: 'It is the only one.' },
      },
      sample: feed,
    });
    expect(files).toHaveLength(external ? 2 : 1);
    const { runs } = await runBrowserArtifact(directory, [feed], { warmup: 0, chromium });
    const [run] = runs;
    if (run?.ok !== true) return run?.message ?? 'no answer';
    return answerDifference(await session.run(feed), run.outputs[0]!, TOLERANCE)?.detail;
  } finally {
    await session.close();
  }
}
