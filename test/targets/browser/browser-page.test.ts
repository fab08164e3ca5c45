import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { withChromium } from '../../../src/runtime/chromium.ts';
import { serveFolder } from '../../../src/targets/browser/serve-folder.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';
import { denseModel } from '../server/tiny-models.ts';
import { CHROMIUM_NOTE, CHROMIUM_TEST_MS, HAS_CHROMIUM } from './chromium-note.ts';
import { emitDense } from './tiny-artifact.ts';

const folder = temporaryFolder();

/** What the page says once its script has ended. */
const TEXT = `new Promise((resolve) => {
  const look = () => {
    const { state, error } = document.documentElement.dataset;
    if (state === 'done' || state === 'failed') resolve(error ?? document.querySelector('#results').textContent);
    else setTimeout(look, 20);
  };
  look();
})`;

describe.skipIf(!HAS_CHROMIUM)(`the page of a browser artifact${CHROMIUM_NOTE}`, { timeout: CHROMIUM_TEST_MS }, () => {
  it('runs the model on its sample, with threads, and again without a network', async () => {
    const directory = join(folder, 'page');
    await emitDense(directory);
    const server = await serveFolder(directory);
    let serving = true;
    const stop = async () => {
      if (serving) await server.close();
      serving = false;
    };
    try {
      const { url } = server;
      const visit = async (page: Page) => {
        const online = await page.evaluate(TEXT);
        expect(online).toContain('Model filemodel.onnx (float32), onnxruntime-web');
        // denseModel gives 14.5 and 2 for 1, 2, 3.
        expect(online).toContain('Output yfloat32[1, 2] 14.500  2');
        expect(online).toContain('Cross-origin isolated (threads)yes');
        expect(online).toContain('Kept for use without a networkyes');
        await stop();
        await page.reload();
        expect(await page.evaluate(TEXT)).toContain('Output yfloat32[1, 2] 14.500  2');
      };
      await withChromium((chromium) => chromium.visit(`${url}/`, 60_000, visit));
    } finally {
      await stop();
    }
  });

  it('takes a new version of the model, and lets go of the old one', async () => {
    const directory = join(folder, 'updated');
    await emitDense(directory);
    const server = await serveFolder(directory);
    const kept = `caches.open('modelpress dense').then((cache) => cache.keys()).then((keys) => keys.map(({ url }) => url).sort())`;
    try {
      await withChromium((chromium) =>
        chromium.visit(`${server.url}/`, 60_000, async (page) => {
          expect(await page.evaluate(TEXT)).toContain('14.500  2');
          const before = (await page.evaluate(kept)) as string[];
          await emitDense(directory, { 'model.onnx': denseModel('batch', 2) });
          await page.reload();
          expect(await page.evaluate(TEXT)).toContain('29  4');
          const after = (await page.evaluate(kept)) as string[];
          // The runtime stays, the model is another.
          expect([before.length, after.length]).toEqual([2, 2]);
          expect(after.filter((url) => before.includes(url))).toHaveLength(1);
        }),
      );
    } finally {
      await server.close();
    }
  });
});
