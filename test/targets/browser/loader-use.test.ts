import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { withChromium } from '../../../src/runtime/chromium.ts';
import { serveFolder } from '../../../src/targets/browser/serve-folder.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';
import { denseModel, denseRow } from '../server/tiny-models.ts';
import { CHROMIUM_NOTE, CHROMIUM_TEST_MS, HAS_CHROMIUM } from './chromium-note.ts';
import { denseTflite, emitDense } from './tiny-artifact.ts';

const folder = temporaryFolder();

/** In the page: loads the model, does something with it, and gives what came of it, or of each promise that failed. */
const SCRIPT = `globalThis.using = async (work) => {
  const { load } = await import('/app/model/modelpress.js');
  const model = await load({ cache: false });
  const told = (promise) => promise.then(({ y }) => [...y.data], ({ name, code, message }) => ({ name, code, message }));
  try {
    return await work(model, told);
  } finally {
    model.dispose();
  }
};`;

describe.skipIf(!HAS_CHROMIUM)(
  `the loader in a folder of a site${CHROMIUM_NOTE}`,
  { timeout: CHROMIUM_TEST_MS },
  () => {
    it('answers many at once, says what is wrong with a feed in one error, and ends what it is asked to end', async () => {
      await emitDense(join(folder, 'app/model'), { 'model.tflite': denseTflite(), 'model.onnx': denseModel('batch') });
      const server = await serveFolder(folder);
      const visit = async (page: Page): Promise<void> => {
        await page.evaluate(SCRIPT);
        const rows = Array.from({ length: 12 }, (_, i) => Array.from({ length: i % 3 === 2 ? 6 : 3 }, (_, k) => i + k));
        const answers = await page.evaluate(
          `using((model, told) => Promise.all(${JSON.stringify(rows)}.map((x) => told(model.predict({ x })))))`,
        );
        // Those of two rows are left to the file that takes them.
        const expected = rows.map((x) => [...denseRow(x.slice(0, 3)), ...(x.length > 3 ? denseRow(x.slice(3)) : [])]);
        expect(answers).toEqual(expected);

        const wrong = [
          '{ x: [1, 2, 3, 4] }',
          '{ x: { data: [1, 2, 3], dims: [3] } }',
          '{ x: { data: [1, 2, 3], dims: [2, 3] } }',
          '{ x: new Int32Array(3) }',
          '{ x: null }',
          '{}',
          '{ x: [1, 2, 3], z: [1] }',
        ];
        const errors = await page.evaluate(
          `using((model, told) => Promise.all([${wrong.join(', ')}].map((feeds) => told(model.predict(feeds)))))`,
        );
        expect(errors).toMatchObject(
          ['shape', 'shape', 'shape', 'type', 'missing', 'missing', 'unknown'].map((what) => ({
            name: 'LoadError',
            code: `feed-${what}`,
            message: expect.stringContaining(what === 'unknown' ? "'z'" : "'x'"),
          })),
        );

        const ended = await page.evaluate(`using(async (model, told) => {
        const asked = told(model.predict({ x: [1, 2, 3] }));
        model.dispose();
        return [await asked, await told(model.predict({ x: [1, 2, 3] })), await told(model.predict({ x: [1, 2, 3, 4, 5, 6] }))];
      })`);
        expect(ended).toMatchObject([{ code: 'disposed' }, { code: 'disposed' }, { code: 'disposed' }]);
      };
      try {
        await withChromium((chromium) => chromium.visit(`${server.url}/app/model/README.md`, CHROMIUM_TEST_MS, visit));
      } finally {
        await server.close();
      }
    });
  },
);
