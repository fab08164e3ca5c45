import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withChromium } from '../../../src/runtime/chromium.ts';
import { serveFolder } from '../../../src/targets/browser/serve-folder.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';
import { CHROMIUM_NOTE, HAS_CHROMIUM } from './chromium-note.ts';
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

describe.skipIf(!HAS_CHROMIUM)(`the page of a browser artifact${CHROMIUM_NOTE}`, () => {
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
      await withChromium(`${server.url}/`, 60_000, async ({ page }) => {
        const online = await page.evaluate(TEXT);
        expect(online).toContain('Model filemodel.onnx (float32), onnxruntime-web');
        // denseModel gives 14.5 and 2 for 1, 2, 3.
        expect(online).toContain('Output yfloat32[1, 2] 14.500  2');
        expect(online).toContain('Cross-origin isolated (threads)yes');
        expect(online).toContain('Kept for use without a networkyes');
        await stop();
        await page.reload();
        expect(await page.evaluate(TEXT)).toContain('Output yfloat32[1, 2] 14.500  2');
      });
    } finally {
      await stop();
    }
  });
});
