import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerDifference } from '../../../src/compile/compare-answers.ts';
import { describePort } from '../../../src/compile/describe-source.ts';
import { openDataset } from '../../../src/data/open-dataset.ts';
import { synthesizeDataset } from '../../../src/data/synthesize-dataset.ts';
import { openOrtSession } from '../../../src/runtime/onnxruntime-node.ts';
import { emitBrowser } from '../../../src/targets/browser/emit-browser.ts';
import { runBrowserArtifact } from '../../../src/targets/browser/run-browser-artifact.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';
import { HAS_ZOO, ZOO_NOTE, zooModel, zooModels, zooTestData } from '../../zoo.ts';
import { CHROMIUM_NOTE, HAS_CHROMIUM } from './chromium-note.ts';
import { onnxCandidate } from './tiny-artifact.ts';

const folder = temporaryFolder();

/** Classifiers and detectors of the sizes that browsers are given. */
const WANTED =
  /^(mnist-|cifar-winml|mlperf-(ic|kws|vww)|mobilenetv1-025|mobilenetv2-100|hand-keypoint|adult-mlp|sevenseg-mobilenetv2)/;
const MODELS = zooModels().filter((name) => WANTED.test(name));

/** Difference from onnxruntime-node, relative to the largest value: both compute in float32, in another order. */
const TOLERANCE = 1e-4;

describe.skipIf(!HAS_CHROMIUM || !HAS_ZOO)(`zoo models in Chromium${CHROMIUM_NOTE}${ZOO_NOTE}`, () => {
  it.each(MODELS)('%s answers as in onnxruntime-node', async (name) => {
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
      await emitBrowser({
        directory,
        files: [{ path: 'model.onnx', copyFrom: path }],
        manifest: {
          model: { name, version: 1 },
          inputs: session.inputs.map(describePort),
          outputs: session.outputs.map(describePort),
          browser: { candidates: [onnxCandidate('model.onnx')], choice: 'It is the only one.' },
        },
        sample: feed,
      });
      const { runs } = await runBrowserArtifact(directory, [feed], { warmup: 0 });
      const [run] = runs;
      if (!run?.ok) throw new Error(run?.message);
      expect(answerDifference(await session.run(feed), run.outputs[0]!, TOLERANCE)).toBeUndefined();
    } finally {
      await session.close();
    }
  });
});
